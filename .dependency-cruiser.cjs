// The floors of the house, from the ground up; see src/README.md. A folder imports only what is below it.
const core = 'signal|kernel|dsp|ecg|hrv|ppg|oximetry|respiration|motion|glucose|eeg|vitals|score|alert|monitor'
const modalities = 'ecg|hrv|ppg|oximetry|respiration|motion|glucose|eeg'

function only(folder, ...allowed) {
  return {
    name: `${folder.replaceAll('|', '-')}-floor`,
    severity: 'error',
    from: { path: `^src/(${folder})/` },
    to: { path: '^src/', pathNot: `^src/(${allowed.join('|')})/|^src/(errors|version)\\.ts$` },
  }
}

module.exports = {
  forbidden: [
    only('signal', 'signal'),
    only('kernel', 'signal', 'kernel'),
    only('dsp', 'signal', 'kernel', 'dsp'),
    ...modalities.split('|').map(folder => only(folder, 'signal', 'kernel', 'dsp', folder)),
    only('vitals', 'signal', 'kernel', 'dsp', 'vitals'),
    only('score', 'signal', 'kernel', 'dsp', 'vitals', 'score'),
    only('alert', 'signal', 'kernel', 'dsp', 'vitals', 'score', 'alert'),
    only('monitor', core),
    only('wire', 'signal', 'wire'),
    only('quality', 'signal', 'vitals', 'wire', 'quality'),
    only('recording', 'signal', 'recording'),
    only('journal', core, 'journal'),
    only('intake', core, 'journal', 'wire', 'intake'),
    only('store', core, 'journal', 'quality', 'store'),
    only('server', core, 'journal', 'store', 'wire', 'quality', 'config', 'server'),
    only('config', core, 'config'),
    only('device', 'signal', 'wire', 'recording', 'device'),
    only('simulate', 'signal', 'wire', 'recording', 'device', 'dsp', 'simulate'),
    only('replay', 'signal', 'wire', 'recording', 'device', 'simulate', 'replay'),
    only('evaluate', core, 'wire', 'recording', 'device', 'simulate', 'analysis', 'evaluate'),
    only('engine', core, 'journal', 'intake', 'store', 'server', 'wire', 'quality', 'config', 'engine'),
    only('capture', 'signal', 'wire', 'device', 'capture'),
    only('rerun', core, 'journal', 'store', 'wire', 'recording', 'capture', 'quality', 'engine', 'rerun'),
    {
      name: 'core-is-pure',
      comment: 'The core imports no node: module and no package but the numeric ones.',
      severity: 'error',
      // The loader of the native kernels brings loops, and no data.
      from: { path: `^src/(${core}|quality)/`, pathNot: '^src/kernel/native-addon\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional'], pathNot: '^node_modules/fft\\.js/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-dev-dependencies', severity: 'error', from: { path: '^src/', pathNot: '^src/station/' }, to: { dependencyTypes: ['npm-dev'] } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test)/' },
  },
}
