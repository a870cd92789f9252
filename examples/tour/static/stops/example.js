const socket = io();

socket.on('server-msg', (data) => {
  console.log('Сервер говорит:', data);
});

socket.emit('client-msg', { text: 'Привет, сервер!' });
