/** The root folder of a small Debian with nothing in it but the user `pupil`. */
export declare const freshRoot: () => string;
