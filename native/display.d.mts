export interface VirtualDisplay {
  /** Environment variables that its clients need: `DISPLAY` and `XAUTHORITY`. */
  env: { DISPLAY: string; XAUTHORITY: string };
  pid: number;
  /** Resolves when Xvfb has ended. */
  ended: Promise<void>;
  stop(): void;
}

/** Xvfb is missing or did not start. */
export declare class DisplayError extends Error {
  code: 'display.missing' | 'display.not-started';
  nextStep: string;
}

/** Linux without DISPLAY and WAYLAND_DISPLAY. */
export declare function isDisplayMissing(env?: NodeJS.ProcessEnv): boolean;
/** Starts an Xvfb that ends with this process. @throws DisplayError */
export declare function openDisplay(env?: NodeJS.ProcessEnv): Promise<VirtualDisplay>;
