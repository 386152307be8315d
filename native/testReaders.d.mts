/** The Python with all readers installed, or undefined. */
export function findTestReaders(env?: NodeJS.ProcessEnv): string | undefined;
