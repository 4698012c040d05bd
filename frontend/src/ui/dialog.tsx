import { type ReactNode, useEffect, useId, useRef } from 'react';

import { IconButton } from './button.tsx';
import styles from './dialog.module.css';
import { CloseIcon } from './icons.tsx';

interface DialogProps {
  title: string;
  onClose(): void;
  children: ReactNode;
  /** `drawer` slides in from the left at full height. */
  shape?: 'box' | 'drawer';
}

/**
 * A modal on the browser's own dialog element, which keeps focus inside, closes on Esc and gives focus
 * back. Mount it to open it.
 */
export function Dialog({ title, onClose, children, shape = 'box' }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = ref.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);

  // The dialog element itself is hit only beside its content: that is its backdrop.
  useEffect(() => {
    const dialog = ref.current;
    const onPointerDown = (event: PointerEvent) => {
      if (event.target === dialog) onClose();
    };
    dialog?.addEventListener('pointerdown', onPointerDown);
    return () => dialog?.removeEventListener('pointerdown', onPointerDown);
  }, [onClose]);

  return (
    <dialog
      ref={ref}
      className={shape === 'drawer' ? styles['drawer'] : styles['box']}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles['content']}>
        <header className={styles['header']}>
          <h2 id={titleId} className={styles['title']}>
            {title}
          </h2>
          <IconButton label="Close" onClick={onClose}>
            <CloseIcon />
          </IconButton>
        </header>
        {children}
      </div>
    </dialog>
  );
}

/** The row of buttons that ends a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles['actions']}>{children}</div>;
}
