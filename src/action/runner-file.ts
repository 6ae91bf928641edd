import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeFileSync } from 'node:fs'
import { codeOf } from '../registry/code.js'

/** A file of the runner cannot be written. The message names the variable and the reason. */
export class RunnerFileError extends Error {
  override readonly name = 'RunnerFileError'
}

/** A file that the runner creates for a step to write to. */
export interface RunnerFile {
  /** The environment variable that holds its path. */
  readonly variable: string
  /** Undefined or empty if the variable is not set. */
  readonly path: string | undefined
}

/**
 * Appends a text to a file of the runner, completely or not at all: the runner reads the file after the step, and the step
 * would fail because of half an output.
 *
 * @throws RunnerFileError if the variable is not set, or the file is missing or cannot be written
 */
export function appendForRunner({ variable, path }: RunnerFile, text: string): void {
  if (path === undefined || path === '') throw new RunnerFileError(`${variable} is not set`)
  try {
    append(path, text)
  } catch (error) {
    throw new RunnerFileError(`${variable}: ${codeOf(error)}`)
  }
}

function append(path: string, text: string): void {
  // Never creates the file: if the runner's file is missing, the runner would not read a new one.
  const file = openSync(path, constants.O_WRONLY | constants.O_APPEND)
  try {
    const { size } = fstatSync(file)
    try {
      writeFileSync(file, text)
    } catch (error) {
      shorten(file, size)
      throw error
    }
  } finally {
    closeSync(file)
  }
}

/** Removes the written part of a text whose rest could not be written. */
function shorten(file: number, size: number): void {
  try {
    ftruncateSync(file, size)
  } catch {
    // A device cannot be shortened. The first error is the useful one.
  }
}
