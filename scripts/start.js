// `npm start`: sets everything up and runs the main job, `vitalwire serve --demo`.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { ensureBuild, root } from './ensure-build.js'

ensureBuild()
const child = spawn(process.execPath, [path.join(root, 'dist', 'cli', 'main.js'), 'serve', '--demo', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)))
