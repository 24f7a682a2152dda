/**
 * Wrong usage or input. Its message is one line that says what was got, what was expected and what to
 * try; the command line prints that line alone and exits with code 2.
 */
export class InputError extends Error {
  override name = "InputError";
}
