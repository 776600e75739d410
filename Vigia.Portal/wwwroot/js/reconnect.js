// The lost connection: says so, keeps what is on the screen, and comes back by itself. Blazor retries first; when it
// gives up we go on.
(function () {
  const dialog = document.getElementById("components-reconnect-modal");
  const wait = dialog.querySelector(".reconnect-wait");
  let again = 0;
  let busy = false;
  let lost = false;
  let asked = 0;
  let unsent = false;

  dialog.addEventListener("components-reconnect-state-changed", ({ detail: { state } }) => {
    if (state === "show" || state === "retrying") {
      lost = true;
      show();
      wait.hidden = state !== "retrying";
      leaveIfOver();
    } else if (state === "hide") {
      stop();
    } else if (state === "failed") {
      wait.hidden = true;
      schedule();
    } else if (state === "rejected") {
      // The server is there and knows nothing of this circuit: a new one, at the same address.
      location.reload();
    }
  });

  dialog.addEventListener("cancel", (e) => e.preventDefault());
  document.getElementById("reconnect-now").addEventListener("click", attempt);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && lost) attempt();
  });

  // Over the lock it would take the keyboard from it; it waits until that is gone.
  document.addEventListener("vigia:unlocked", () => {
    if (lost) { show(); attempt(); }
    else if (unsent) resend();
  });

  const isLocked = () => "locked" in document.documentElement.dataset;

  function show() {
    if (!dialog.open && !isLocked()) dialog.showModal();
  }

  // Under the lock the forms are not in the document.
  function resend() {
    unsent = isLocked();
    if (!unsent) vigia.resendDrafts();
  }

  // A sign-in that has ended gets no new connection: the server says where to go. Nobody reachable says nothing.
  async function leaveIfOver() {
    if (Date.now() - asked < 3000) return;
    asked = Date.now();
    try {
      const answer = await fetch(dialog.dataset.session, { cache: "no-store" });
      if (answer.ok && (await answer.json()).state === "over") location.reload();
    } catch { /* The server is away. */ }
  }

  function schedule() {
    clearTimeout(again);
    again = setTimeout(attempt, 3000);
  }

  function stop() {
    clearTimeout(again);
    if (lost) resend();
    lost = false;
    if (dialog.open) dialog.close();
  }

  async function attempt() {
    if (busy) return;
    busy = true;
    try {
      if (await Blazor.reconnect() || await Blazor.resumeCircuit()) stop();
      else location.reload();
    } catch {
      leaveIfOver();
      schedule();
    } finally {
      busy = false;
    }
  }
})();
