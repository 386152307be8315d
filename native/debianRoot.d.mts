/** The root folder of a minimal Debian with one added user, `pupil`. */
export declare const freshRoot: () => string;
