// Starts Blazor two round trips earlier than its default start. It skips the request for initializers, because there
// are none, and connects by WebSocket without negotiating the transport. If this fails, a proxy may block WebSockets.
// The page is then reloaded once and negotiates.
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
