/** Lines that are certainly not data: start-up messages of chips, and program logs. They are kept as text. */

/** ROM and boot loader messages of ESP8266, ESP32 and Arduino cores (docs.espressif.com, "Boot log"; esp-idf `esp_log`). */
const BOOT =
  /^(?:ets [A-Z][a-z]{2}\s+\d|ESP-ROM:|Build:|rst(?: cause)?:|boot(?: mode)?:[0(]|configsip:|clk_drv:|mode:[DQ]|load:0x|load 0x|entry 0x|SPIWP:|chksum|csum|tail \d|ho \d|~ld|Saved PC:|wdt reset|waiting for (?:host|download)|Brownout|Guru Meditation|Core +\d|Backtrace:|Rebooting|SHA-256|Exception \(\d|ELF file|assert failed|abort\(\))/;
const LOG =
  /^(?:[EWIDV] \(\d+\)|\[\s*\d+\]\[[EWIDV]\]|\[?(?:INFO|WARN(?:ING)?|ERROR|DEBUG|TRACE|NOTICE|FATAL|STATUS|LOG)\b[\]\s]*[:\]|>-])/i;

export const isNoise = (text: string): boolean => BOOT.test(text) || LOG.test(text);
/** The chip has just started: a different program may follow. */
export const isBoot = (text: string): boolean => BOOT.test(text);
