// node tokens.mjs FOLDER NOW writes the issuers' keys into FOLDER, and a line of JSON for each case: a token, and either what it lets do
// or what the hub's log says of why it lets do nothing. NOW is in seconds.
import {constants} from 'node:crypto'
import {CompactEncrypt, EncryptJWT, FlattenedSign, SignJWT, UnsecuredJWT} from 'jose'
import {attacker, attackerLamp, attackerRsa, bank, base64url, byHand, claims, der, ecdsa, ecdsaDer, fixed, hmac, jwk, lamp, now, pem, rsassa,
  secret, shop, shopNext, sign, tall, twin, weak, without} from './issuers.mjs'

const ANN = ['users/ann/**']
const seen = new Set()
const say = (name, line) => {
  if (seen.has(name)) throw new Error(`two cases are named ${name}`)
  seen.add(name)
  process.stdout.write(JSON.stringify({name, ...line}) + '\n')
}
const accepted = async (name, token, subscribe = ANN, publish = []) => say(name, {token: await token, subscribe, publish})
const refused = async (name, token, why) => say(name, {token: await token, why})

const BANK = 'https://bank.example.com'
const LAMP = 'https://lamp.example.com'
const TALL = 'https://tall.example.com'
const TWIN = 'https://twin.example.com'
const VAULT = 'https://vault.example.com'
const jwt = (more) => new SignJWT(claims(more))
const good = await sign(claims())
const [goodHeader, goodPayload, goodSignature] = good.split('.')
const other = await sign(claims({sub: 'bob'}))
const [, otherPayload, otherSignature] = other.split('.')

// The right ones, of each kind.
await accepted('ES256 without kid', jwt().setProtectedHeader({alg: 'ES256'}).sign(shop.privateKey))
await accepted('ES256 with kid', jwt().setProtectedHeader({alg: 'ES256', kid: 's1'}).sign(shop.privateKey))
await accepted('the other key of a set', jwt().setProtectedHeader({alg: 'ES256', kid: 's2'}).sign(shopNext.privateKey))
await accepted('the other key of a set without kid', jwt().setProtectedHeader({alg: 'ES256'}).sign(shopNext.privateKey))
await accepted('RS256', jwt({iss: BANK}).setProtectedHeader({alg: 'RS256', kid: 'b1'}).sign(bank.privateKey))
await accepted('PS256 where both are allowed', jwt({iss: BANK}).setProtectedHeader({alg: 'PS256'}).sign(bank.privateKey))
await accepted('EdDSA', jwt({iss: LAMP}).setProtectedHeader({alg: 'EdDSA'}).sign(lamp.privateKey))
await accepted('ES384', jwt({iss: TALL}).setProtectedHeader({alg: 'ES384'}).sign(tall.privateKey))
await accepted('HS256', jwt({iss: VAULT}).setProtectedHeader({alg: 'HS256'}).sign(secret))
await accepted('HS512', jwt({iss: VAULT}).setProtectedHeader({alg: 'HS512'}).sign(secret))
await accepted('another issuer with the same kid', jwt({iss: TWIN}).setProtectedHeader({alg: 'ES256', kid: 's1'}).sign(twin.privateKey))
await accepted('a kid for a bare key', jwt({iss: LAMP}).setProtectedHeader({alg: 'EdDSA', kid: 'whatever'}).sign(lamp.privateKey))

// Algorithms.
await refused('none', new UnsecuredJWT(claims()).encode(), 'neither a signed token')
for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
  await refused(`${alg} with a signature`, byHand({alg}, claims(), fixed(Buffer.from('x'))), alg === 'none' ? 'cannot be read' : `signed with ${alg}`)
}
await refused('none signed by the issuer', byHand({alg: 'none'}, claims()), 'cannot be read')
await refused('no alg', byHand({typ: 'JWT'}, claims()), 'cannot be read')
await refused('alg empty', byHand({alg: ''}, claims()), 'signed with ,')
await refused('alg a number', byHand({alg: 256}, claims()), 'cannot be read')
await refused('alg in lower case', byHand({alg: 'es256'}, claims()), 'signed with es256')
await refused('alg with a space', byHand({alg: 'ES256 '}, claims()), 'signed with ES256 ')
await refused('RS512 where RS256 is allowed', jwt({iss: BANK}).setProtectedHeader({alg: 'RS512'}).sign(bank.privateKey), 'signed with RS512')
await refused('ES384 by an ES256 key', byHand({alg: 'ES384'}, claims(), ecdsa(shop, 'sha384')), 'signed with ES384')
await refused('ES256 by an ES384 key', byHand({alg: 'ES256'}, claims({iss: TALL}), ecdsa(tall)), 'signed with ES256')
await refused('ES256K', byHand({alg: 'ES256K'}, claims()), 'signed with ES256K')
await refused('RS256 of an ES256 issuer', sign(claims(), {alg: 'RS256'}, attackerRsa.privateKey), 'signed with RS256')
await refused('RS256 where a secret is shared', sign(claims({iss: VAULT}), {alg: 'RS256'}, bank.privateKey), 'signed with RS256')
await refused('Ed25519 where EdDSA is allowed', byHand({alg: 'Ed25519'}, claims({iss: LAMP}), (data) => rsassa(lamp, null)(data)), 'signed with Ed25519')
for (const [issuer, pair, iss] of [['ES', shop, undefined], ['RS', bank, BANK], ['Ed', lamp, LAMP]]) {
  const body = iss ? claims({iss}) : claims()
  await refused(`HS/${issuer}: PEM as the secret`, byHand({alg: 'HS256'}, body, hmac(pem(pair))), 'signed with HS256')
  await refused(`HS/${issuer}: PEM without its last line end`, byHand({alg: 'HS256'}, body, hmac(pem(pair).trimEnd())), 'signed with HS256')
  await refused(`HS/${issuer}: DER`, byHand({alg: 'HS256'}, body, hmac(der(pair))), 'signed with HS256')
  await refused(`HS/${issuer}: JWK`, byHand({alg: 'HS256'}, body, hmac(JSON.stringify(jwk(pair)))), 'signed with HS256')
  await refused(`HS/${issuer}: empty secret`, byHand({alg: 'HS512'}, body, hmac('', 'sha512')), 'signed with HS512')
}
await refused('a public key of the bank as the secret', byHand({alg: 'HS256'}, claims({iss: VAULT}), hmac(pem(bank))), 'signature')
await refused('the secret without its end', byHand({alg: 'HS256'}, claims({iss: VAULT}), hmac(secret.subarray(0, -1))), 'signature')
await refused('the secret with its line end', byHand({alg: 'HS256'}, claims({iss: VAULT}), hmac(Buffer.concat([secret, Buffer.from('\n')]))), 'signature')
await refused('an empty secret', byHand({alg: 'HS256'}, claims({iss: VAULT}), hmac('')), 'signature')
await refused('HS256 said, HS512 made', byHand({alg: 'HS256'}, claims({iss: VAULT}), hmac(secret, 'sha512')), 'signature')
await refused('a secret among public keys', byHand({alg: 'HS256', kid: 'oct'}, claims({iss: BANK}), hmac(Buffer.from('secret-secret-secret-secret-secret'))), 'signed with HS256')
await refused('a weak RSA key', byHand({alg: 'RS256', kid: 'weak'}, claims({iss: BANK}), rsassa(weak)), 'none of the keys')
await refused('a weak RSA key without kid', byHand({alg: 'RS256'}, claims({iss: BANK}), rsassa(weak)), 'signature')
await refused('PS256 said, RS256 made', byHand({alg: 'PS256'}, claims({iss: BANK}), rsassa(bank)), 'signature')
await refused('a key for encryption', byHand({alg: 'RS256', kid: 'for-encryption'}, claims(), rsassa(attackerRsa)), 'signed with RS256')

// Keys and kids.
await refused('signed by a stranger', sign(claims(), {}, attacker.privateKey), 'signature')
await refused('signed by a stranger with our kid', sign(claims(), {kid: 's1'}, attacker.privateKey), 'signature')
await refused('another issuer’s key and our kid', sign(claims(), {kid: 's1'}, twin.privateKey), 'signature')
await refused('our key and another issuer’s iss', sign(claims({iss: TWIN}), {kid: 's1'}), 'signature')
await refused('one key and the kid of the other', sign(claims(), {kid: 's2'}), 'signature')
await refused('EdDSA by a stranger', sign(claims({iss: LAMP}), {alg: 'EdDSA'}, attackerLamp.privateKey), 'signature')
await refused('EdDSA of no bytes that fit', byHand({alg: 'EdDSA'}, claims({iss: LAMP}), fixed(Buffer.alloc(63))), 'signature')
await refused('EdDSA of zeros', byHand({alg: 'EdDSA'}, claims({iss: LAMP}), fixed(Buffer.alloc(64))), 'signature')
for (const [what, kid] of [['unknown', 's3'], ['a path', '../../../../etc/passwd'], ['/dev/null', '/dev/null'], ['SQL', "' OR '1'='1"],
  ['empty', ''], ['huge', 'k'.repeat(3000)], ['of another issuer', 'b1'], ['in other case', 'S1'], ['with a NUL', 's1\u0000'],
  ['with a line end', 's1\r\nrefused 0000: forged line'], ['an address', 'https://evil.example.com/jwks.json'],
  ['that turns the text around', 's1\u202e1s']]) {
  await refused(`kid: ${what}`, sign(claims(), {kid}), 'none of the keys')
}
await refused('kid: a number', byHand({alg: 'ES256', kid: 1}, claims()), 'cannot be read')
await refused('kid: an object', byHand({alg: 'ES256', kid: {$ne: ''}}, claims()), 'cannot be read')

// What a header says of keys is not followed.
const evil = 'http://127.0.0.1:EVIL/evil'
await refused('jwk of a stranger', sign(claims(), {jwk: jwk(attacker)}, attacker.privateKey), 'signature')
await refused('jwk of a stranger with our kid', sign(claims(), {kid: 's1', jwk: jwk(attacker, {kid: 's1'})}, attacker.privateKey), 'signature')
await refused('jwk that is private', byHand({alg: 'ES256', jwk: attacker.privateKey.export({format: 'jwk'})}, claims(), ecdsa(attacker)), 'cannot be read')
await refused('jku of a stranger', sign(claims(), {jku: process.argv[4] ?? evil}, attacker.privateKey), 'signature')
await refused('jku and a kid of a stranger', sign(claims(), {jku: process.argv[4] ?? evil, kid: 'evil'}, attacker.privateKey), 'none of the keys')
await refused('x5u of a stranger', sign(claims(), {x5u: process.argv[4] ?? evil}, attacker.privateKey), 'signature')
await refused('x5c of a stranger', sign(claims(), {x5c: [der(attacker).toString('base64')]}, attacker.privateKey), 'signature')
await refused('x5t of a stranger', sign(claims(), {'x5t#S256': base64url(Buffer.alloc(32))}, attacker.privateKey), 'none of the keys')
await accepted('jku beside a good signature', sign(claims(), {jku: process.argv[4] ?? evil}))
await refused('crit of something unknown', byHand({alg: 'ES256', crit: ['exp'], exp: now + 600}, claims()), 'crit')
await refused('crit of b64', byHand({alg: 'ES256', crit: ['b64'], b64: true}, claims()), 'crit')
await refused('crit of nothing', byHand({alg: 'ES256', crit: []}, claims()), 'crit')
await refused('crit as text', byHand({alg: 'ES256', crit: 'exp'}, claims()), 'cannot be read')
const unencoded = `${base64url({alg: 'ES256', b64: false})}.${goodPayload}`
await refused('b64 false', `${unencoded}.${base64url(ecdsa(shop)(Buffer.from(unencoded)))}`, 'b64')
await refused('b64 false, signed as it says', `${unencoded}.${base64url(ecdsa(shop)(Buffer.from(`${unencoded.split('.')[0]}.${JSON.stringify(claims())}`)))}`, 'b64')
await refused('b64 false and crit', byHand({alg: 'ES256', b64: false, crit: ['b64']}, claims()), 'crit')
for (const typ of ['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/jwt']) {
  await accepted(`typ ${typ}`, sign(claims(), {typ}))
}
for (const typ of ['JOSE', 'JOSE+JSON', 'dpop+jwt', 'logout+jwt', 'at+jwtx', 'application/']) {
  await refused(`typ ${typ}`, sign(claims(), {typ}), 'typ')
}
await refused('typ a number', byHand({alg: 'ES256', typ: 1}, claims()), 'cannot be read')
await refused('alg twice, none first', byHand('{"alg":"none","alg":"ES256"}', claims()), 'cannot be read')
await refused('alg twice, none last', byHand('{"alg":"ES256","alg":"none"}', claims()), 'cannot be read')
await refused('kid twice', byHand('{"alg":"ES256","kid":"s2","kid":"s1"}', claims()), 'cannot be read')

// Times.
await refused('expired a second ago', sign(claims({exp: now - 1})), 'expired')
await refused('expired now', sign(claims({exp: now})), 'expired')
await accepted('expires in a second', sign(claims({exp: now + 1})))
await accepted('nbf within the skew', sign(claims({nbf: now + 60})))
await refused('nbf beyond the skew', sign(claims({nbf: now + 61})), 'holds from')
await accepted('iat within the skew', sign(claims({iat: now + 60})))
await refused('iat beyond the skew', sign(claims({iat: now + 61})), 'to come')
await refused('exp beyond the age of tokens', sign(claims({exp: now + 3601})), 'token-age')
await accepted('exp at the age of tokens', sign(claims({exp: now + 3600})))
await refused('exp beyond the age by iat', sign(claims({iat: now - 3600})), 'token-age')
for (const [what, exp] of [['text', `"${now + 600}"`], ['true', 'true'], ['an array', `[${now + 600}]`], ['an object', '{}'], ['1e400', '1e400'],
  ['-1e400', '-1e400'], ['negative', '-1'], ['0', '0'], ['null', 'null'], ['NaN', 'NaN'], ['Infinity', 'Infinity'], ['the largest long', '9223372036854775807'],
  ['in milliseconds', `${(now + 600) * 1000}`], ['that wraps to soon', `${BigInt(now) + 600n + 18446744073709552n}`], ['1e300', '1e300'],
  ['with 10000 digits', '9'.repeat(5000)], ['in hexadecimal', `0x${(now + 600).toString(16)}`]]) {
  await refused(`exp: ${what}`, sign(JSON.stringify(claims({exp: 'EXP'})).replace('"EXP"', exp)), '')
}
await accepted('exp: a fraction', sign(JSON.stringify(claims({exp: 'EXP'})).replace('"EXP"', `${now + 600}.5`)))
await accepted('exp: with an exponent', sign(JSON.stringify(claims({exp: 'EXP'})).replace('"EXP"', `${(now + 600) / 1000}e3`)))
await refused('nbf: text', sign(claims({nbf: `${now}`})), 'cannot be read')
await refused('nbf that wraps to the past', sign(JSON.stringify(claims({nbf: 'N'})).replace('"N"', `${BigInt(now) - 600n + 18446744073709552n}`)), '')
await refused('iat: text', sign(claims({iat: `${now}`})), 'cannot be read')
for (const name of ['exp', 'iss', 'aud']) {
  await refused(`no ${name}`, sign(without(name)), name)
}

// Who it is from, and for whom.
await accepted('aud: a list', sign(claims({aud: ['x', 'hark']})))
for (const [what, aud] of [['another', 'other'], ['longer', 'harkk'], ['shorter', 'har'], ['in other case', 'HARK'], ['with a space', 'hark '], ['a list of others', ['a', 'b']],
  ['an empty list', []], ['empty', ''], ['a list in text', '["hark"]'], ['two in text', 'hark other']]) {
  await refused(`aud: ${what}`, sign(claims({aud})), 'aud')
}
for (const [what, aud] of [['a number', 1], ['an object', {hark: true}], ['a list of numbers', [1]], ['null in a list', [null]], ['true', true]]) {
  await refused(`aud: ${what}`, sign(claims({aud})), '')
}
for (const [what, iss] of [['trailing slash', 'https://shop.example.com/'], ['in other case', 'https://SHOP.example.com'], ['http', 'http://shop.example.com'],
  ['longer', 'https://shop.example.com.evil.example'], ['with a space', ' https://shop.example.com'], ['unknown', 'https://evil.example.com'], ['empty', ''],
  ['with a line end', 'https://shop.example.com\nrefused 0: forged'], ['looks the same', 'https://shоp.example.com']]) {
  await refused(`iss: ${what}`, sign(claims({iss})), 'its iss is')
}
for (const [what, iss] of [['a list', ['https://shop.example.com']], ['a number', 1], ['null', null]]) {
  await refused(`iss: ${what}`, sign(claims({iss})), '')
}
await accepted('iss with escapes', sign(JSON.stringify(claims()).replaceAll('/', '\\/')))

// Pieces, sizes and forms.
await refused('signature stripped', `${goodHeader}.${goodPayload}.`, 'neither a signed token')
await refused('two parts', `${goodHeader}.${goodPayload}`, 'neither a signed token')
await refused('one part', goodHeader, 'neither a signed token')
await refused('four parts', `${good}.${goodSignature}`, 'neither a signed token')
await refused('a dot behind it', `${good}.`, 'neither a signed token')
await refused('a dot before it', `.${good}`, 'neither a signed token')
await refused('dots alone', '..', 'neither a signed token')
await refused('truncated', good.slice(0, -1), 'signature')
await refused('truncated by half', good.slice(0, good.length - 43), 'signature')
await refused('a character more', `${good}A`, 'signature')
await refused('signature twice', `${good}${goodSignature}`, 'signature')
await refused('signature of another token', `${goodHeader}.${goodPayload}.${otherSignature}`, 'signature')
await refused('payload swapped', `${goodHeader}.${otherPayload}.${goodSignature}`, 'signature')
await refused('header swapped', `${base64url({alg: 'ES256', kid: 's1'})}.${goodPayload}.${goodSignature}`, 'signature')
await refused('payload changed', `${goodHeader}.${base64url(claims({hark: {publish: ['**']}}))}.${goodSignature}`, 'signature')
await refused('padding', `${good}=`, 'neither a signed token')
await refused('the other alphabet', `${goodHeader}.${goodPayload}.${goodSignature.slice(0, -2)}+/`, 'neither a signed token')
await refused('a space within', `${goodHeader}.${goodPayload} .${goodSignature}`, 'neither a signed token')
await refused('a comma behind it', `${good},`, 'neither a signed token')
await refused('Bearer twice', `Bearer ${good}`, 'neither a signed token')
await refused('quoted', `"${good}"`, 'neither a signed token')
await refused('characters that are no ASCII', `${goodHeader}.ö${goodPayload}.${goodSignature}`, 'neither a signed token')
await refused('digits that are no ASCII', `${goodHeader}.${goodPayload}٣.${goodSignature}`, 'neither a signed token')
await refused('longer than any', sign(claims({pad: 'x'.repeat(9000)})), 'characters')
await accepted('as long as may be', sign(claims({pad: 'x'.repeat(5900)})))
await refused('JSON serialization', JSON.stringify(await new FlattenedSign(Buffer.from(JSON.stringify(claims()))).setProtectedHeader({alg: 'ES256'}).sign(shop.privateKey)), 'neither a signed token')
await refused('encrypted', new EncryptJWT(claims()).setProtectedHeader({alg: 'dir', enc: 'A256GCM'}).encrypt(Buffer.alloc(32)), 'neither a signed token')
await refused('encrypted to our key', new CompactEncrypt(Buffer.from(good)).setProtectedHeader({alg: 'RSA-OAEP', enc: 'A256GCM', cty: 'JWT'}).encrypt(bank.publicKey), 'neither a signed token')
await refused('a header with enc', byHand({alg: 'ES256', enc: 'A256GCM'}, claims()), '')
await refused('nested', sign(good, {cty: 'JWT'}), 'cannot be read')
await refused('nested as text', sign(JSON.stringify(good), {cty: 'JWT'}), 'cannot be read')
await refused('signature of zeros', byHand({alg: 'ES256'}, claims(), fixed(Buffer.alloc(64))), 'signature')
await refused('signature with r zero', byHand({alg: 'ES256'}, claims(), (data) => Buffer.concat([Buffer.alloc(32), ecdsa(shop)(data).subarray(32)])), 'signature')
await refused('signature with s zero', byHand({alg: 'ES256'}, claims(), (data) => Buffer.concat([ecdsa(shop)(data).subarray(0, 32), Buffer.alloc(32)])), 'signature')
const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
await refused('signature of the order', byHand({alg: 'ES256'}, claims(), fixed(Buffer.concat([order, order]))), 'signature')
await refused('signature in DER', byHand({alg: 'ES256'}, claims(), ecdsaDer(shop)), 'signature')
await refused('signature of zeros for RSA', byHand({alg: 'RS256'}, claims({iss: BANK}), fixed(Buffer.alloc(256))), 'signature')
await refused('signature of ones for RSA', byHand({alg: 'RS256'}, claims({iss: BANK}), fixed(Buffer.alloc(256, 255))), 'signature')

// JSON.
const text = JSON.stringify(claims())
for (const [what, payload] of [['nothing but a word', 'null'], ['a list', `[${text}]`], ['text', '"x"'], ['a number', '1'], ['two objects', `${text}${text}`], ['cut', text.slice(0, -1)],
  ['something behind it', `${text}x`], ['a comment', `/*x*/${text}`], ['single quotes', text.replaceAll('"', "'")], ['names without quotes', text.replace('"iss"', 'iss')],
  ['a lone byte', Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff]), Buffer.from('"}')])],
  ['deep nesting', text.replace('{', `{"x":${'['.repeat(2500)}${']'.repeat(2500)},`)], ['a comma at the end', text.replace('}', ',}')],
  ['exp twice, the later last', text.replace('{', `{"exp":${now - 600},`)], ['exp twice, the later first', text.replace('}', `,"exp":${now - 600}}`)],
  ['exp twice, once with escapes', text.replace('{', `{"\\u0065xp":${now - 600},`)],
  ['iss twice', text.replace('{', '{"iss":"https://twin.example.com",')], ['iss twice, the wrong last', text.replace('}', ',"iss":"https://twin.example.com"}')],
  ['sub twice', text.replace('}', ',"sub":"bob"}')], ['aud twice', text.replace('{', '{"aud":"other",')],
  ['hark twice', text.replace('}', ',"hark":{"publish":["a"]},"hark":{"publish":["**"]}}')],
  ['publish twice', text.replace('}', ',"hark":{"publish":["a"],"publish":["**"]}}')]]) {
  await refused(`JSON: ${what}`, sign(payload), '')
}
// Which others may pass over (RFC 8259, section 8.1).
await refused('JSON: a byte order mark', sign(`\ufeff${text}`), 'in one way only')
await refused('JSON: nothing', byHand({alg: 'ES256'}, ''), 'neither a signed token')
await refused('JSON: no object as the header', byHand('[]', claims()), 'cannot be read')
await refused('JSON: deep nesting in the header', byHand(`{"alg":"ES256","x":${'['.repeat(2500)}${']'.repeat(2500)}}`, claims()), 'cannot be read')

// The rights of one token.
await accepted('hark: both', sign(claims({hark: {publish: ['a/*'], subscribe: ['b/**']}})), [...ANN, 'b/**'], ['a/*'])
await accepted('hark: everything', sign(claims({hark: {publish: ['**'], subscribe: ['**']}})), [...ANN, '**'], ['**'])
await accepted('hark: nothing', sign(claims({hark: {}})))
await accepted('hark: empty lists', sign(claims({hark: {publish: [], subscribe: []}})))
await accepted('hark: null', sign(claims({hark: null})))
await accepted('hark: not ASCII', sign(claims({hark: {subscribe: ['zürich/*']}})), [...ANN, 'zürich/*'])
await accepted('a claim of another name', sign(claims({Hark: {publish: ['**']}, scope: 'publish:**', permissions: ['**']})))
for (const [what, hark] of [['text', '**'], ['a list', ['**']], ['a number', 1], ['true', true], ['JSON in text', '{"publish":["**"]}'], ['a filter as text', {publish: '**'}],
  ['a list of lists', {publish: [['**']]}], ['a list of numbers', {publish: [1]}], ['null as a list', {publish: null}], ['null in a list', {subscribe: [null]}],
  ['an object as a list', {subscribe: {0: '**'}}], ['a member in other case', {Publish: ['**']}], ['another member', {admin: true}], ['a member of no name', {'': ['a']}]]) {
  await refused(`hark: ${what}`, sign(claims({hark})), 'its claim hark')
}
for (const [what, filter] of [['empty', ''], ['an empty segment', 'a//b'], ['a slash at the end', 'a/'], ['** in the middle', 'a/**/b'], ['of the hub’s own', '$hark/**'], ['$ within', 'a/$x'],
  ['hark.', 'hark.x/**'], ['a space', 'a b'], ['a line end', 'a\nb'], ['a NUL', 'a\u0000'], ['a format character', 'a\u202eb'], ['half a character', 'a\ud800'], ['too long', 'x'.repeat(513)],
  ['too deep', 'x/'.repeat(40) + 'x']]) {
  await refused(`hark: a filter with ${what}`, sign(claims({hark: {subscribe: ['fine', filter]}})), 'its claim hark')
}

// What a claim makes of users/{sub}/**.
await accepted('sub: not ASCII', sign(claims({sub: 'zoë'})), ['users/zoë/**'])
await accepted('sub: with stars around', sign(claims({sub: '*a*'})), ['users/*a*/**'])
await accepted('sub: looks like a template', sign(claims({sub: '{sub}'})), ['users/{sub}/**'])
await accepted('sub: escaped', sign(claims({sub: '%2F'})), ['users/%2F/**'])
await accepted('sub: dots', sign(claims({sub: '..'})), ['users/../**'])
await accepted('no sub', sign(without('sub')), [])
for (const [what, sub] of [['*', '*'], ['**', '**'], ['two segments', 'a/b'], ['a slash', '/'], ['$x', '$x'], ['hark.', 'hark.x'], ['empty', ''], ['a line end', 'a\nb'], ['a NUL', 'a\u0000b'],
  ['a space', 'a b'], ['a format character', '\u202eann'], ['half a character', '\ud800'], ['too long', 'x'.repeat(600)], ['null', null]]) {
  await accepted(`sub: ${what} gives no right`, sign(claims({sub})), [])
}
await accepted('sub: a number', sign(claims({sub: 7})), ['users/7/**'])
await refused('sub: a list', sign(claims({sub: ['ann']})), 'cannot be read')
await refused('jti: a number', sign(claims({jti: 7})), 'cannot be read')
