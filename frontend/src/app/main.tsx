import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import '../ui/tokens.css';
import '../ui/base.css';
import { restoreSignIn } from '../api/auth.ts';
import { applyTheme } from '../ui/theme.ts';
import { App } from './app.tsx';

applyTheme();
restoreSignIn();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
