const socket = io();

socket.on('connect', () => console.log('подключено'));
socket.on('disconnect', (reason) => console.log(reason));

button('socket.close()', () => {
  socket.close(); // Закрыть соединение.
});
button('socket.disconnect() on the server', () => {
  socket.emit('disconnect me');
});
button('socket.connect()', () => {
  socket.connect();
});
