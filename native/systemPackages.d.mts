/** Names of the installed packages in a dpkg status file, including the names they provide. */
export declare function installedNames(status: string): Set<string>;
