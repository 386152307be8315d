export declare function makeBundle(
  file: string,
  from: { clone: string; target: string; parts: string[] },
  note?: (text: string) => void,
): Promise<string>;
export declare function useBundle(
  file: string,
  to: { clone: string; target: string; cache: string },
  note?: (text: string) => void,
): Promise<void>;
