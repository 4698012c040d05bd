import { Component, type ErrorInfo, type ReactNode } from 'react';

import { Button } from '../ui/button.tsx';
import styles from './page.module.css';

interface ErrorBoundaryProps {
  children: ReactNode;
  /** Shown in place of the whole page, for parts that may fail alone. */
  fallback?: (retry: () => void) => ReactNode;
}

interface ErrorBoundaryState {
  error: Error | null;
}

/** Keeps one broken part from taking the page with it, and says what can be done. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { error: null };

  static getDerivedStateFromError(error: Error): ErrorBoundaryState {
    return { error };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    // The console is where whoever reports the fault is asked to look.
    // oxlint-disable-next-line no-console
    console.error(error, info.componentStack);
  }

  readonly #retry = (): void => this.setState({ error: null });

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    if (this.props.fallback) return this.props.fallback(this.#retry);
    return (
      <main className={styles['centre']}>
        <h1>This page stopped working</h1>
        <p>Everything that was said is saved on the server. Load the page again to go on.</p>
        <Button look="primary" onClick={() => location.reload()}>
          Load again
        </Button>
        <pre className={styles['detail']}>{error.message}</pre>
      </main>
    );
  }
}
