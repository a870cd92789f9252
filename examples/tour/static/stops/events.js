const socket = io();

socket.on('message', (data) => {
  console.log(data);
});

button('io.emit', () => {
  socket.emit('to all', 'всем');
});
button('socket.emit', () => {
  socket.emit('to me', 'только мне');
});
button('socket.broadcast.emit', () => {
  socket.emit('to others', 'всем, кроме меня');
});
