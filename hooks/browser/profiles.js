// Where on each site the box is, what sends, and whose the messages are. Data only: docs/browser-extension.md.
globalThis.replylintProfiles = [
  {
    "name": "抖店飞鸽",
    "matches": ["https://im.jinritemai.com/*", "https://fxg.jinritemai.com/*"],
    "platform": "douyin",
    "box": "textarea[data-qa-id='qa-send-message-textarea'], .chat-editor textarea, .chat-editor [contenteditable='true']",
    "send": "[data-qa-id='qa-send-message-button'], .chat-editor-send",
    "messages": "[data-qa-id='qa-message-warpper'], .messageItem",
    "agent": ".messageIsMe",
    "text": ".messageText, pre"
  },
  {
    "name": "拼多多商家后台",
    "matches": ["https://mms.pinduoduo.com/*"],
    "platform": "pdd",
    "box": "#replyTextarea, .reply-box textarea, .reply-box [contenteditable='true']",
    "send": ".send-btn, .reply-box .send",
    "messages": "#msgListContainer .msg-list li, .msg-list .msg-item",
    "buyer": ".buyer-item, .user",
    "text": ".msg-content-box, .msg-content"
  },
  {
    "name": "京东咚咚",
    "matches": ["https://dongdong.jd.com/*"],
    "platform": "jd",
    "box": ".im-editor [contenteditable='true'], #text_in, .im-editor textarea",
    "send": ".im-send, #btn-send",
    "messages": ".im-message, .message-item",
    "agent": ".im-message-right, .me",
    "text": ".im-message-text, .text"
  },
  {
    "name": "Zendesk",
    "matches": ["https://*.zendesk.com/*"],
    "box": "[data-test-id='omnicomposer-rich-text-ckeditor'], [data-test-id*='composer'] [contenteditable='true']",
    "send": "[data-test-id='submit_button-button'], [data-test-id='messaging-send-button']",
    "keys": [],
    "messages": "[data-test-id='omni-log-comment-item'], article",
    "buyer": "[data-test-id='omni-log-avatar-end-user'], .end-user",
    "text": "[data-test-id='omni-log-message-content'], .zd-comment"
  },
  {
    "name": "Chatwoot",
    "matches": ["https://app.chatwoot.com/*"],
    "box": ".reply-box .ProseMirror, .reply-box textarea",
    "send": ".reply-box .right-wrap button",
    "keys": ["Enter", "Meta+Enter", "Ctrl+Enter"],
    "messages": ".conversation-panel li, .message-bubble-container",
    "buyer": ".left, .incoming",
    "text": ".text-content, .message-text__wrap"
  },
  {
    "name": "Rocket.Chat",
    "matches": ["https://open.rocket.chat/*"],
    "box": "textarea[name='msg']",
    "send": "[data-qa-id='composer-send-button'], button[aria-label='Send']",
    "messages": "[role='listitem'].rcx-message",
    "agent": "[data-own='true']",
    "text": ".rcx-message-body"
  },
  {
    "name": "*",
    "matches": ["*"],
    "box": "textarea, [contenteditable=''], [contenteditable='true'], [contenteditable='plaintext-only'], [role='textbox']",
    "send": "button, [role='button'], input[type='submit'], a",
    "sendWords": ["发送", "发 送", "发送(S)", "发送消息", "Send", "Send message"]
  }
];
