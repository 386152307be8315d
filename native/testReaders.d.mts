/** The Python that has all readers, or undefined. */
export function findTestReaders(env?: NodeJS.ProcessEnv): string | undefined;
