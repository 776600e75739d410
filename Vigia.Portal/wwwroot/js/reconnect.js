// Handles a lost connection: shows a dialog, leaves the page as it is, and reconnects automatically. Blazor retries
// first, and this script continues after Blazor has given up.
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
      // The server answers, but no longer has this circuit. A reload of the same address starts a new one.
      location.reload();
    }
  });

  dialog.addEventListener("cancel", (e) => e.preventDefault());
  document.getElementById("reconnect-now").addEventListener("click", attempt);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && lost) attempt();
  });

  // The dialog would take the focus from the lock screen, so it is shown only after the page is unlocked.
  document.addEventListener("vigia:unlocked", () => {
    if (lost) { show(); attempt(); }
    else if (unsent) resend();
  });

  const isLocked = () => "locked" in document.documentElement.dataset;

  function show() {
    if (!dialog.open && !isLocked()) dialog.showModal();
  }

  // While the page is locked, its forms are not in the document, so the input is sent after it is unlocked.
  function resend() {
    unsent = isLocked();
    if (!unsent) vigia.resendDrafts();
  }

  // A sign-in that has ended gets no new connection, so the page is reloaded and the server redirects. If the server
  // cannot be reached, nothing happens.
  async function leaveIfOver() {
    if (Date.now() - asked < 3000) return;
    asked = Date.now();
    try {
      const answer = await fetch(dialog.dataset.session, { cache: "no-store" });
      if (answer.ok && (await answer.json()).state === "over") location.reload();
    } catch { /* The server cannot be reached. */ }
  }

  function schedule() {
    clearTimeout(again);
    again = setTimeout(attempt, 3000);
  }

  // The session may have ended while there was no connection.
  function stop() {
    clearTimeout(again);
    if (lost) {
      asked = 0;
      leaveIfOver();
      resend();
    }

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
