// Browser functions for signing in: passkeys, the identity provider's window, re-authentication, and copying the codes
// that are shown only once.
(function () {
  const token = () => document.querySelector("input[name='__RequestVerificationToken']")?.value ?? "";

  // Returns the answer as an object. A refusal has an `error` in the person's language. Null if there is no valid
  // answer.
  async function post(url, body) {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", RequestVerificationToken: token() },
        body: JSON.stringify(body ?? {}),
      });
      return await answer.json();
    } catch {
      return null;
    }
  }

  // Returns the device's answer, or null if the person cancelled or the page's address does not allow passkeys.
  async function ask(kind, options) {
    try {
      const publicKey = kind === "create"
        ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
        : PublicKeyCredential.parseRequestOptionsFromJSON(options);
      return JSON.stringify((await navigator.credentials[kind]({ publicKey })).toJSON());
    } catch {
      return null;
    }
  }

  // Returns the reason why this page cannot use passkeys, or null if it can. Passkeys belong to a domain name. Browsers
  // refuse an IP address too, but only after the person has answered every prompt.
  const obstacle = () => /^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/.test(location.hostname) ? "address"
    : !window.isSecureContext ? "insecure"
    : typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON !== "function" ? "browser" : null;
  const supported = () => obstacle() === null;

  let added = null;

  async function store(name, proof) {
    const asked = await post("/cuenta/claves/opciones", { proof, name });
    if (!asked || asked.error) return asked;
    const credential = await ask("create", JSON.parse(asked.options));
    return credential && post("/cuenta/claves", { name, credential, confirmation: asked.confirmation });
  }

  window.vigia.passkeys = {
    obstacle,
    supported,

    // Returns the device's answer as text, or null if there is none. The caller provides the options.
    get: (options) => ask("get", options),

    // These functions return {} on success, { error } on refusal, and null if the device returned nothing.
    add: (name, proof) => (added = store(name, proof)),

    // Returns the result of the last `add` again, because the circuit may have lost its connection in the meantime.
    added: () => added,

    async confirm(action, target) {
      const options = await post("/cuenta/confirmar/opciones");
      if (!options || options.error) return options;
      const credential = await ask("get", options);
      return credential && post("/cuenta/confirmar", { action, target, credential });
    },

    async signIn(returnUrl) {
      const options = await post("/cuenta/claves/entrar/opciones");
      if (!options || options.error) return options;
      const credential = await ask("get", options);
      return credential && post("/cuenta/claves/entrar", { credential, return_url: returnUrl });
    },
  };

  // Opens the identity provider in a separate window. The click handler opens it, because browsers block windows that
  // open without a click. The answer arrives over a BroadcastChannel: our opener policy separates the two windows as
  // soon as one of them shows the provider's page.
  let asked = null;

  document.addEventListener("click", (e) => {
    const button = e.target.closest?.("[data-oidc-confirm]");
    if (!button) return;
    asked?.end(null);
    const name = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const channel = new BroadcastChannel(`vigia:oidc:${name}`);
    asked = {};
    asked.answer = new Promise((resolve) => (asked.end = (answer) => { channel.close(); resolve(answer); }));
    channel.onmessage = (message) => asked.end(message.data);
    if (!open(`${button.dataset.oidcConfirm}&canal=${name}`, "_blank", "popup,width=540,height=720")) {
      asked.end({ error: button.dataset.blockedText });
    }
  });

  window.vigia.oidc = {
    // Returns { confirmation } or { error }, or null if a newer request has replaced this one.
    answer: () => asked?.answer ?? null,
  };

  const answer = document.querySelector("[data-oidc-answer]");
  if (answer?.dataset.oidcAnswer) {
    const channel = new BroadcastChannel(`vigia:oidc:${answer.dataset.oidcAnswer}`);
    channel.postMessage({ confirmation: answer.dataset.confirmation, error: answer.dataset.error });
    channel.close();
    close();
  }

  for (const box of document.querySelectorAll("[data-passkey-sign-in]")) box.hidden = !supported();
  for (const note of document.querySelectorAll("[data-passkey-note]")) note.hidden = obstacle() !== "address";

  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.("[data-passkey-sign-in] button");
    if (!button) return;
    const box = button.closest("[data-passkey-sign-in]");
    const note = box.querySelector("[role='alert']");
    note.textContent = "";
    button.disabled = true;
    const answer = await window.vigia.passkeys.signIn(box.dataset.returnUrl);
    button.disabled = false;
    if (answer?.to) location.assign(answer.to);
    else note.textContent = answer?.error ?? box.dataset.failedText;
  });

  const codesOf = (list) => [...document.querySelectorAll(`#${list} code`)].map((code) => code.textContent).join("\n");

  document.addEventListener("click", async (e) => {
    const button = e.target.closest?.("[data-copy-list]");
    if (!button) return;
    if (await window.vigia.copy(codesOf(button.dataset.copyList))) button.textContent = button.dataset.doneText;
  });

  document.addEventListener("click", (e) => {
    const open = e.target.closest?.("[data-open]");
    if (open) location.assign(open.dataset.open);
    const button = e.target.closest?.("[data-download-list]");
    if (!button) return;
    const file = document.createElement("a");
    file.href = URL.createObjectURL(new Blob([codesOf(button.dataset.downloadList)], { type: "text/plain" }));
    file.download = button.dataset.file;
    file.click();
    URL.revokeObjectURL(file.href);
  });
})();
