const socket = io();
let worker;

socket.on('worker', (name) => {
  worker = name;
  console.log(`на потоке ${name}`);
});
socket.on('from the cluster', (text) => {
  console.log(text);
});

button("io.to('cluster').emit", () => {
  socket.emit('to the cluster', `привет с потока ${worker}`);
});
