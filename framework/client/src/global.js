// For a classic script: `<script src="socket.io.js"></script>` gives `io`.

import { io } from "./index.js";

globalThis.io = io;
