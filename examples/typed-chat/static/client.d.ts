/** What the script /socket.io/socket.io.js defines: Greenroom's small client, which has the official one's types. */
declare const io: typeof import("socket.io-client").io;
