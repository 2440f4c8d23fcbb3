import { DatePipe } from '@angular/common';
import { Component, inject, signal } from '@angular/core';
import { Notifications } from './notifications';

@Component({
  selector: 'app-page',
  imports: [DatePipe],
  template: `
    <header>
      <h1>Notifications</h1>
      @if (user()) {
        <p id="state" [class]="notifications.state()" role="status">{{ notifications.described() }}</p>
      }
    </header>
    <main>
      @if (user()) {
        <p class="soft">For <b>{{ user() }}</b></p>
        <ol id="feed" role="log">
          @for (item of notifications.items(); track item.id) {
            <li [class.note]="item.isNote">{{ item.text }}<time>{{ item.time | date: 'mediumTime' }}</time></li>
          }
        </ol>
      } @else if (user() === null) {
        <p>Who are you?</p>
        <p class="buttons">
          <button (click)="login('alice')">Alice</button>
          <button (click)="login('bob')">Bob</button>
        </p>
      }
    </main>
  `,
})
export class Page {
  protected readonly notifications = inject(Notifications);

  /** `null`: nobody is logged in; `undefined`: not known yet. */
  protected readonly user = signal<string | null | undefined>(undefined);

  constructor() {
    void this.enter();
  }

  protected async login(user: string): Promise<void> {
    const headers = { 'Content-Type': 'application/json' };
    await fetch('/login', { method: 'POST', headers, body: JSON.stringify({ user }) });
    await this.enter();
  }

  private async enter(): Promise<void> {
    const { user, hub } = await (await fetch('/me')).json();
    this.user.set(user);
    if (user) {
      this.notifications.listen(user, hub);
    }
  }
}
