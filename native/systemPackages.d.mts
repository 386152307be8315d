/** Names that a dpkg status file tells as installed, with those that they provide. */
export declare function installedNames(status: string): Set<string>;
