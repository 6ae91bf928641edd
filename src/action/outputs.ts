import { randomUUID } from 'node:crypto'
import { appendForRunner, type RunnerFile } from './runner-file.js'

/** Sets the outputs of the step, all or none. @throws RunnerFileError */
export function setOutputs(outputs: Readonly<Record<string, string>>, file: RunnerFile): void {
  const blocks = Object.entries(outputs).map(([name, value]) => {
    const end = `end_of_output_${randomUUID()}`
    return `${name}<<${end}\n${value}\n${end}\n`
  })
  appendForRunner(file, blocks.join(''))
}
