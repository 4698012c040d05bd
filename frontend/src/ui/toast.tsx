import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';

import { Button, IconButton } from './button.tsx';
import { CloseIcon } from './icons.tsx';
import styles from './toast.module.css';

export interface ToastOptions {
  text: string;
  /** Errors are announced at once and stay until closed. */
  isError?: boolean;
  action?: { label: string; run(): void };
}

interface ShownToast extends ToastOptions {
  id: number;
}

const STAYS_MS = 7000;
const ToastContext = createContext<(options: ToastOptions) => void>(() => undefined);

/** Shows a short notice at the foot of the page. */
export const useToast = (): ((options: ToastOptions) => void) => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly ShownToast[]>([]);
  const nextId = useRef(1);
  const show = useCallback((options: ToastOptions) => {
    const id = nextId.current;
    nextId.current += 1;
    setToasts((shown) => [...shown.slice(-2), { ...options, id }]);
  }, []);
  const remove = useCallback((id: number) => {
    setToasts((shown) => shown.filter((toast) => toast.id !== id));
  }, []);
  const quiet = useMemo(() => toasts.filter((toast) => !toast.isError), [toasts]);
  const errors = useMemo(() => toasts.filter((toast) => toast.isError), [toasts]);

  return (
    <ToastContext value={show}>
      {children}
      <div className={styles['stack']}>
        <div role="status" className={styles['group']}>
          {quiet.map((toast) => (
            <Toast key={toast.id} toast={toast} onGone={remove} />
          ))}
        </div>
        {errors.map((toast) => (
          <div key={toast.id} role="alert" className={styles['group']}>
            <Toast toast={toast} onGone={remove} />
          </div>
        ))}
      </div>
    </ToastContext>
  );
}

function Toast({ toast, onGone }: { toast: ShownToast; onGone(id: number): void }) {
  const isSettled = useRef(false);
  const settle = useCallback(
    (isActionTaken: boolean) => {
      if (isSettled.current) return;
      isSettled.current = true;
      if (isActionTaken) toast.action?.run();
      onGone(toast.id);
    },
    [toast, onGone],
  );
  useEffect(() => {
    if (toast.isError) return undefined;
    const timer = setTimeout(() => settle(false), STAYS_MS);
    return () => clearTimeout(timer);
  }, [toast, settle]);

  return (
    <div className={toast.isError ? `${styles['toast']} ${styles['error']}` : styles['toast']}>
      <p className={styles['text']}>{toast.text}</p>
      {toast.action ? (
        <Button look="quiet" onClick={() => settle(true)}>
          {toast.action.label}
        </Button>
      ) : null}
      <IconButton label="Close notice" onClick={() => settle(false)}>
        <CloseIcon />
      </IconButton>
    </div>
  );
}
