/** How long a message of a server may be: one that is longer costs the server its connection, as nothing after it could be understood. */

/** In bytes. */
export const LONGEST_MESSAGE = 10 * 1024 * 1024;

/** What a server did whose message was longer. */
export const SENT_TOO_LONG = "sent a message of more than 10 MB";
