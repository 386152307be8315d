/** Tells zod not to compile its checks with `new Function`: the pages' policy forbids it, and each try is an error in the log. */
import { config } from 'zod';

config({ jitless: true });
