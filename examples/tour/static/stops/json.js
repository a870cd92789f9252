const socket = io();

socket.emit('event', { key: 'value' });

socket.on('event', (data) => {
  console.log(data); // Автоматический парсинг.
});
