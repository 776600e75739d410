// Starts Blazor two round trips earlier than it would by itself: it has no initializers to ask for, and connects by
// WebSocket without asking which transports there are. Where that fails, a proxy may not pass WebSockets: the page is
// loaded again, and asks.
(function () {
  const key = "vigia:ask-transport";
  const asks = sessionStorage.getItem(key) !== null;
  let connected = false;

  Blazor.start({
    circuit: {
      initializers: { beforeStart: [], afterStarted: [] },
      configureSignalR(hub) {
        if (asks) return;
        hub.withUrl("_blazor", { skipNegotiation: true, transport: 1 });
        const build = hub.build.bind(hub);
        hub.build = () => {
          const connection = build();
          const start = connection.start.bind(connection);
          connection.start = async () => {
            try {
              await start();
              connected = true;
            } catch (error) {
              if (!connected) {
                sessionStorage.setItem(key, "1");
                location.reload();
              }
              throw error;
            }
          };
          return connection;
        };
      },
    },
  });
})();
