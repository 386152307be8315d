/** Pseudonyms that a field accepts, as in `participantSchema`; empty: nobody. */
export const PSEUDONYM = /^(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,63})?$/;
