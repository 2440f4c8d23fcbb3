import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const service = 'http://127.0.0.1:8000'; // knows who is logged in

export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/login': service, '/me': service, '/token': service } },
});
