const socket = io({
  reconnection: true, // Включить повторное подключение
  reconnectionAttempts: 5, // Макс. попыток
  connectionStateRecovery: {}, // Включить восстановление состояния
});

socket.auth = { token: "secret" }; // Данные для восстановления
socket.connect();

// События восстановления
socket.on("reconnect_attempt", (attempt) => {
  console.log(`Попытка ${attempt}...`);
});

socket.on("reconnect", (attempt) => {
  console.log("Соединение восстановлено!");
});

socket.on("connect", () => console.log(`${socket.id}, recovered: ${socket.recovered}`));
socket.on("response", (data) => console.log(data));
socket.on("message", (data) => console.log(data)); // of the page "Events"

button("message", () => {
  socket.emit("message", "привет");
});
button("lose the connection", () => {
  socket.io.engine.close();
});
