import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { createSavedView, deleteSavedView, fetchSavedViews } from '../../api/review-marks.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog, DialogActions } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { CloseIcon } from '../../ui/icons.tsx';
import { Notice } from '../../ui/notice.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { type CallFilters, callFiltersOf, withCallFilters } from './call-filters.ts';
import styles from './calls.module.css';

const NAME_MAX_CHARS = 80;

interface SavedViewsProps {
  filters: CallFilters;
  sort: string;
}

/** The button that opens filters kept under a name, one's own and shared ones. */
export function SavedViewsButton(props: SavedViewsProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Views</Button>
      {isOpen ? <SavedViewsDialog {...props} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

/** The address of a kept filter; what this page does not know of it is left out. */
export function addressOfView(filter: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) params.set(name, String(value));
  return `?${withCallFilters(params, callFiltersOf(params)).toString()}`;
}

function SavedViewsDialog({ filters, sort, onClose }: SavedViewsProps & { onClose(): void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [isShared, setIsShared] = useState(false);
  const views = useQuery({ queryKey: queryKeys.savedViews, queryFn: fetchSavedViews });
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: queryKeys.savedViews });
  const keep = useMutation({
    mutationFn: () => createSavedView(name.trim(), { ...filters, sort }, isShared),
    onSuccess: async () => {
      await refresh();
      setName('');
    },
  });
  const remove = useMutation({ mutationFn: deleteSavedView, onSuccess: refresh });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim()) keep.mutate();
  };
  const failure = views.error ?? keep.error ?? remove.error;
  return (
    <Dialog title="Saved views" onClose={onClose}>
      {views.data?.length === 0 ? <p className={styles['dim']}>None yet. Keep the filter in use under a name.</p> : null}
      <ul className={styles['views']} aria-label="Saved views">
        {views.data?.map((view) => (
          <li key={view.id}>
            <Button
              look="quiet"
              className={styles['view'] ?? ''}
              onClick={() => {
                void navigate(addressOfView(view.filter));
                onClose();
              }}
            >
              <bdi>{visibleText(view.name)}</bdi>
              {view.is_mine ? null : <span className={styles['dim']}>by {visibleText(view.owner)}</span>}
              {view.is_mine && view.is_shared ? <span className={styles['dim']}>shared</span> : null}
            </Button>
            {view.is_mine ? (
              <IconButton label={`Delete view ${visibleText(view.name)}`} onClick={() => remove.mutate(view.id)}>
                <CloseIcon />
              </IconButton>
            ) : null}
          </li>
        ))}
      </ul>
      <form className={styles['form']} onSubmit={submit}>
        <TextField
          label="Keep the filter in use as"
          maxLength={NAME_MAX_CHARS}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <label className={styles['choice']}>
          <input type="checkbox" checked={isShared} onChange={(event) => setIsShared(event.target.checked)} />
          Share it with all reviewers
        </label>
        {failure ? (
          <Notice urgency="alert" tone="danger">
            {describeError(failure)}
          </Notice>
        ) : null}
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" disabled={!name.trim() || keep.isPending}>
            Keep view
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
