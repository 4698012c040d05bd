import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { BrowserRouter, Navigate, Outlet, Route, Routes } from 'react-router';

import { ApiError } from '../api/api-error.ts';
import { ToastProvider } from '../ui/toast.tsx';
import { AuthGate } from './auth-gate.tsx';
import { ChatPage } from './chat-page.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { FeedProvider } from './feed-provider.tsx';
import { latePage } from './late-page.tsx';
import { LoginPage } from './login-page.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { PageWait } from './page-wait.tsx';

const AdminPage = latePage('Server settings', () => import('../settings/admin/admin-page.tsx'));
const SettingsPage = latePage('Settings', () => import('../settings/settings-page.tsx'));
const VoiceTestPage = latePage('Voice test', () => import('../voice/test-page/voice-test-page.tsx'));
const CallPage = latePage('Call', () => import('../review/call/call-page.tsx'));
const CallsPage = latePage('Review', () => import('../review/calls/calls-page.tsx'));
const LivePage = latePage('Review', () => import('../review/live/live-page.tsx'));
const UsagePage = latePage('Review', () => import('../review/usage/usage-page.tsx'));
const ReviewListPage = latePage('Review', () => import('../review/review-list-page.tsx'));
const ReviewPage = latePage('Conversation', () => import('../review/review-page.tsx'));

const MAX_REPEATS = 2;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal will be the same the second time; only silence and overload are worth asking again.
      retry: (failures, error) =>
        failures < MAX_REPEATS &&
        (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
    },
  },
});

function SignedInLayout() {
  return (
    <AuthGate>
      <FeedProvider>
        <Suspense fallback={<PageWait label="Loading the page" />}>
          <Outlet />
        </Suspense>
      </FeedProvider>
    </AuthGate>
  );
}

export function App() {
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queryClient}>
        <ToastProvider>
          <BrowserRouter>
            <Routes>
              <Route path="/login" element={<LoginPage />} />
              <Route element={<SignedInLayout />}>
                <Route element={<ChatPage />}>
                  <Route index element={null} />
                  <Route path="/c/:id" element={null} />
                </Route>
                <Route path="/settings" element={<SettingsPage />} />
                <Route path="/settings/admin" element={<AdminPage />} />
                <Route path="/voice-test" element={<VoiceTestPage />} />
                <Route path="/review" element={<CallsPage />} />
                <Route path="/review/live" element={<LivePage />} />
                <Route path="/review/usage" element={<UsagePage />} />
                <Route path="/review/conversations" element={<ReviewListPage />} />
                <Route path="/review/calls/:sessionId" element={<CallPage />} />
                <Route path="/review/:id" element={<ReviewPage />} />
                <Route path="/review/*" element={<Navigate to="/review" replace />} />
                <Route path="*" element={<NotFoundPage />} />
              </Route>
            </Routes>
          </BrowserRouter>
        </ToastProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
