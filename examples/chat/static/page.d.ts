/** What the script /socket.io/socket.io.js defines. */
declare const io: typeof import("socket.io-client").io;
