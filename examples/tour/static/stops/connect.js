const socket = io('http://localhost:3000'); // Подключение к серверу

socket.on('connect', () => {
  console.log('Подключено к серверу');
});
