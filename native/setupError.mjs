/** An error for the user: one sentence about what happened, then the next step. Its code is stable. */
export class SetupError extends Error {
  /**
   * @param {string} code prefixed by area, such as `setup.go-build`
   * @param {string} message one plain sentence
   * @param {string} nextStep what the user can do about it
   */
  constructor(code, message, nextStep) {
    super(message);
    this.name = 'SetupError';
    this.code = code;
    this.nextStep = nextStep;
  }
}

/** Prints an error in the form that all commands use, and returns the exit code. */
export function tellError(error, out = process.stderr) {
  // Includes the errors of display.mjs, which is shipped without this file.
  if (typeof error?.nextStep === 'string') {
    out.write(`\n${error.message}\n  Next: ${error.nextStep}\n  (${error.code})\n`);
  } else {
    out.write(`\n${error?.stack ?? error}\n`);
  }
  return 1;
}
