/** Raised whenever a change alters the numbers on purpose; CHANGELOG.md says why. */
export const ENGINE_VERSION = 3;
