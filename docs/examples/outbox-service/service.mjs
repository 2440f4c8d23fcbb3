// A shop that changes an order and says so in one transaction: either both happen or neither. It does not know where the hub is.
import { createServer } from 'node:http';
import pg from 'pg';

const { PORT = 8004, DATABASE = 'postgresql://localhost/shop' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE });
pool.on('error', e => console.error(`a connection that nobody used was lost: ${e.message}`));

/** The order as it is then, or `undefined` where there is none. */
async function ship(number) {
  const connection = await pool.connect();
  let broken;
  try {
    await connection.query('BEGIN');
    const { rows: [order] } = await connection.query('SELECT * FROM orders WHERE number = $1 FOR UPDATE', [number]);
    if (order?.state === 'paid') {
      order.state = 'shipped';
      await connection.query('UPDATE orders SET state = $2 WHERE number = $1', [number, order.state]);
      await connection.query('INSERT INTO hark_outbox (topic, data) VALUES ($1, $2)', [
        `users/${order.customer}/notifications`, JSON.stringify({ order: number, text: `Order ${number} is on its way.` }),
      ]);
    }
    await connection.query('COMMIT');
    return order;
  } catch (e) {
    broken = await connection.query('ROLLBACK').then(() => undefined, rollback => rollback);
    throw e;
  } finally {
    connection.release(broken); // one that cannot even roll back is not used again
  }
}

createServer(async (request, response) => {
  const [, number] = /^\/orders\/(\d{1,9})\/ship$/.exec(request.url) ?? [];
  let [status, answer] = [404, { error: 'nothing is here' }];
  if (request.method === 'POST' && number) {
    try {
      const order = await ship(Number(number));
      [status, answer] = order ? [200, order] : [404, { error: `there is no order ${number}` }];
      pool.query('NOTIFY hark_outbox').catch(() => {}); // wakes the hub; without it the hub looks five times a second
    } catch (e) {
      [status, answer] = [500, { error: e.message }];
    }
  }
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
}).listen(PORT, '127.0.0.1', () => console.log(`orders are at http://127.0.0.1:${PORT}/orders/1/ship`));
