import type { EvaluationRequest } from '../evaluation-request.js'
import type { TestSource } from '../test-source.js'
import { AnnotationSource } from './annotation-source.js'
import { pipelineSource } from './chain-source.js'
import { ProgramSource } from './program-source.js'
import { stageSource } from './stage-source.js'

/** What the request says is to be scored. */
export async function openTestSource(request: EvaluationRequest): Promise<TestSource> {
  const { test, channels, packetSeconds, windowSeconds } = request
  const options = { channels, packetSeconds, windowSeconds }
  switch (test.kind) {
    case 'pipeline':
      return pipelineSource(options)
    case 'annotations':
      return new AnnotationSource(test.folder, test.annotator)
    case 'program':
      return new ProgramSource({ ...options, command: test.command, timeoutSeconds: test.timeoutSeconds })
    case 'stage':
      return stageSource(test.file, options)
  }
}
