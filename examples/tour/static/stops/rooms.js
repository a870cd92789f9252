const socket = io();

socket.on('room-message', (text) => {
  console.log(text);
});

button("socket.join('room1')", () => {
  socket.emit('join', (answer) => console.log(answer));
});
button("io.to('room1').emit", () => {
  socket.emit('to room');
});
button("socket.broadcast.to('room1').emit", () => {
  socket.emit('to the others of the room');
});
button("socket.leave('room1')", () => {
  socket.emit('leave', (answer) => console.log(answer));
});
