// Opens each sealed value of the cases on standard input, and seals its value in turn.
const { HybridDecrypt, HybridEncrypt } = require("@socialgouv/aes-gcm-rsa-oaep");
const { subtle } = require("crypto").webcrypto;

const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const text = (buffer) => Buffer.from(buffer).toString("base64");
const oaep = { name: "RSA-OAEP", hash: "SHA-256" };

const answer = async (line) => {
  const { label, value, sealed, ...keys } = JSON.parse(line);
  const bound = new TextEncoder().encode(label);
  const secret = await subtle.importKey("pkcs8", bytes(keys.private), oaep, false, ["decrypt"]);
  const open = await subtle.importKey("spki", bytes(keys.public), oaep, false, ["encrypt"]);
  const opened = await HybridDecrypt(secret, bytes(sealed).buffer, bound);
  const anew = await HybridEncrypt(open, Buffer.from(value, "base64").toString(), bound);
  return JSON.stringify({ opened: text(Buffer.from(opened)), sealed: text(anew) });
};

(async () => {
  const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
  for (const line of lines) console.log(await answer(line));
})();
