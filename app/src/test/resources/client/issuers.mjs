// The keys of the issuers in ForgedTokensIT, and how tokens are signed with them: by npm jose, or by hand where that refuses to.
import {createHmac, generateKeyPairSync, sign as rawSign} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {CompactSign} from 'jose'

const [folder, nowText] = process.argv.slice(2)
export const now = Number(nowText)

const ec = (namedCurve) => generateKeyPairSync('ec', {namedCurve})
const rsa = (modulusLength) => generateKeyPairSync('rsa', {modulusLength})

export const shop = ec('P-256')
export const shopNext = ec('P-256')
export const twin = ec('P-256')
export const tall = ec('P-384')
export const bank = rsa(2048)
export const weak = rsa(1024)
export const lamp = generateKeyPairSync('ed25519')
export const attacker = ec('P-256')
export const attackerRsa = rsa(2048)
export const attackerLamp = generateKeyPairSync('ed25519')
export const secret = Buffer.from('correct horse battery staple, and a few bytes more for HS512, to be sure')

export const jwk = (pair, more) => ({...pair.publicKey.export({format: 'jwk'}), ...more})
export const pem = (pair) => pair.publicKey.export({format: 'pem', type: 'spki'})
export const der = (pair) => pair.publicKey.export({format: 'der', type: 'spki'})

const write = (name, content) => writeFileSync(`${folder}/${name}`, content)
write('shop.json', JSON.stringify({keys: [jwk(shop, {kid: 's1', alg: 'ES256', use: 'sig'}), jwk(shopNext, {kid: 's2'}),
  jwk(attackerRsa, {kid: 'for-encryption', use: 'enc'})]}))
write('twin.json', JSON.stringify({keys: [jwk(twin, {kid: 's1'})]}))
write('bank.json', JSON.stringify({keys: [jwk(bank, {kid: 'b1'}), jwk(weak, {kid: 'weak'}), {kty: 'oct', kid: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA'}]}))
write('tall.pem', pem(tall))
write('lamp.pem', pem(lamp))
write('vault.secret', Buffer.concat([secret, Buffer.from('\n')]))

export const base64url = (what) => Buffer.from(typeof what === 'object' && !Buffer.isBuffer(what) ? JSON.stringify(what) : what).toString('base64url')

// What a token says unless its case is about that.
export const claims = (more = {}) => ({iss: 'https://shop.example.com', aud: 'hark', sub: 'ann', exp: now + 600, ...more})
export const without = (name, more = {}) => { const all = claims(more); delete all[name]; return all }

// Any payload, also one that is no JSON, signed by jose.
export const sign = (payload, header = {}, key = shop.privateKey) =>
  new CompactSign(Buffer.from(typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload)))
    .setProtectedHeader({alg: 'ES256', ...header}).sign(key)

// Any header too, also one that is no JSON.
export const byHand = (header, payload, signer = ecdsa(shop)) => {
  const signed = `${base64url(header)}.${base64url(payload)}`
  return `${signed}.${base64url(signer(Buffer.from(signed)))}`
}
export const ecdsa = (pair, hash = 'sha256') => (signed) => rawSign(hash, signed, {key: pair.privateKey, dsaEncoding: 'ieee-p1363'})
export const ecdsaDer = (pair) => (signed) => rawSign('sha256', signed, {key: pair.privateKey, dsaEncoding: 'der'})
export const rsassa = (pair, hash = 'sha256') => (signed) => rawSign(hash, signed, pair.privateKey)
export const hmac = (key, hash = 'sha256') => (signed) => createHmac(hash, key).update(signed).digest()
export const fixed = (bytes) => () => bytes
