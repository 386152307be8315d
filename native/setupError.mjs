/** An error for people: what happened in one sentence, then what to do. Its code is stable. */
export class SetupError extends Error {
  /**
   * @param {string} code by area, as `setup.go-build`
   * @param {string} message one plain sentence
   * @param {string} nextStep what the reader can do about it
   */
  constructor(code, message, nextStep) {
    super(message);
    this.name = 'SetupError';
    this.code = code;
    this.nextStep = nextStep;
  }
}

/** Prints an error the way every command does and returns the exit code. */
export function tellError(error, out = process.stderr) {
  // Also those of display.mjs, which is shipped without this file.
  if (typeof error?.nextStep === 'string') {
    out.write(`\n${error.message}\n  Next: ${error.nextStep}\n  (${error.code})\n`);
  } else {
    out.write(`\n${error?.stack ?? error}\n`);
  }
  return 1;
}
