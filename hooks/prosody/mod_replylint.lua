-- Prosody: an agent's message is judged by `replylint serve` before anybody receives it.
-- 发给买家之前,先问 replylint serve 这句话能不能发。
--
--   plugin_paths = { "/path/to/replylint/hooks/prosody" }
--   modules_enabled = { …, "replylint" }
--
--   replylint_url = "http://127.0.0.1:8787"
--   replylint_secret = "…"                      -- if the service has one
--   replylint_agents = { "kf_*@example.org" }   -- whose messages are judged; everybody's when left out
--   replylint_platform = "tmall"
--   replylint_on_block = "reject"               -- or "rewrite": send the compliant wording instead, where there is one
--   replylint_on_warn = "allow"                 -- or "reject", "rewrite"
--   replylint_on_error = "allow"                -- or "block": when the service does not answer in time
--   replylint_timeout = 1                       -- seconds
--   replylint_lang = "zh"                       -- language of the two sentences below; the service speaks its own

local async = require "util.async";
local http = require "net.http";
local jid_bare = require "util.jid".bare;
local json = require "util.json";
local sha1 = require "util.hashes".sha1;
local st = require "util.stanza";
local timer = require "util.timer";

local XMLNS = "urn:replylint:0";
local LONGEST_KEY = 200;
local SAY = {
	zh = {
		held = "这条消息没有发出。%s", instead = " 可以这样说:%s",
		unjudged = "合规检查暂时不可用,这条消息没有发出,请稍后再试。",
	};
	en = {
		held = "This message was not sent. %s", instead = " Say instead: %s",
		unjudged = "The check is not available just now, so this message was not sent. Please try again.",
	};
};

local url = module:get_option_string("replylint_url", "http://127.0.0.1:8787"):gsub("/+$", "");
local secret = module:get_option_string("replylint_secret");
local agents = module:get_option_array("replylint_agents");
local platform = module:get_option_string("replylint_platform");
local timeout = module:get_option_number("replylint_timeout", 1);

-- An option that can only be one of a few words; anything else stops the module, since a typo must not switch it off.
local function one_of(name, ...)
	local choices = { ... };
	local value = module:get_option_string(name, choices[1]);
	for _, choice in ipairs(choices) do
		if value == choice then return value; end
	end
	error(("%s is one of %s, not %q"):format(name, table.concat(choices, ", "), value), 0);
end

local on_block = one_of("replylint_on_block", "reject", "rewrite");
local on_warn = one_of("replylint_on_warn", "allow", "reject", "rewrite");
local on_error = one_of("replylint_on_error", "allow", "block");
local say = SAY[one_of("replylint_lang", "zh", "en")];

-- "kf_*@example.org" as a Lua pattern.
local function glob(text)
	return "^" .. text:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$";
end

local function is_agent(jid)
	if not agents then return true; end
	for _, pattern in ipairs(agents) do
		if jid:match(glob(pattern)) then return true; end
	end
	return false;
end

-- The name of a conversation of two, whoever writes; of a room, the room.
local function key_of(stanza, from, to)
	local key = stanza.attr.type == "groupchat" and to or from < to and from .. "|" .. to or to .. "|" .. from;
	key = "xmpp:" .. key;
	return #key > LONGEST_KEY and "xmpp:" .. sha1(key, true) or key;
end

-- The text of a message, or nil where there is none to judge: what is encrypted has only a stand-in.
local function text_of(stanza)
	if stanza.attr.type == "error" then return nil; end
	for _, child in ipairs(stanza.tags) do
		if child.name == "encrypted" or child.name == "openpgp" then return nil; end
	end
	local text = stanza:get_child_text("body");
	return text ~= "" and text or nil;
end

-- Asks the service; calls back once, with its answer or nil.
local function ask(path, wire, callback)
	local answered = false;
	local function done(answer)
		if answered then return; end
		answered = true;
		callback(answer);
	end
	local headers = { ["Content-Type"] = "application/json" };
	if secret then headers["Authorization"] = "Bearer " .. secret; end
	http.request(url .. path, { method = "POST", headers = headers, body = json.encode(wire) }, function (body, code)
		done(code == 200 and json.decode(body) or nil);
	end);
	timer.add_task(timeout, function () done(nil); end);
end

local function judge(wire)
	local wait, done = async.waiter();
	local report;
	ask("/v1/check", wire, function (answer)
		report = answer;
		done();
	end);
	wait();
	return report;
end

local function reject(event, sentence, rewrite)
	local reply = st.error_reply(event.stanza, "modify", "not-acceptable", sentence);
	if rewrite then reply:text_tag("rewrite", rewrite, { xmlns = XMLNS }); end
	event.origin.send(reply);
	return true;
end

local function sentence_of(report)
	local seen, messages = {}, {};
	for _, finding in ipairs(report.findings) do
		if finding.severity ~= "info" and not seen[finding.message] then
			seen[finding.message] = true;
			messages[#messages + 1] = finding.message;
		end
	end
	local sentence = say.held:format(table.concat(messages, " "));
	return type(report.rewrite) == "string" and sentence .. say.instead:format(report.rewrite) or sentence;
end

local function replace(stanza, words)
	stanza:maptags(function (tag)
		-- The HTML form of a message would still say the old words.
		if tag.name == "html" then return nil; end
		if tag.name == "body" then return st.stanza("body", tag.attr):text(words); end
		return tag;
	end);
end

local function on_message(event)
	local stanza = event.stanza;
	local text = text_of(stanza);
	if not text or not stanza.attr.to then return; end
	local from, to = jid_bare(stanza.attr.from), jid_bare(stanza.attr.to);
	local key = key_of(stanza, from, to);
	if not is_agent(from) then
		ask("/v1/turns", { conversation = key, turns = { { role = "buyer", text = text, sender = from } } }, function () end);
		return;
	end
	local report = judge({ reply = text, conversation = key, meta = { platform = platform, agent = from } });
	if not report or not report.action then
		module:log("warn", "a message could not be judged: on_error is %s", on_error);
		if on_error == "block" then return reject(event, say.unjudged); end
		return;
	end
	local rewrite = type(report.rewrite) == "string" and report.rewrite or nil;
	local deed = report.action == "block" and on_block or report.action == "warn" and on_warn or "allow";
	if deed == "rewrite" and not rewrite then deed = report.action == "block" and "reject" or "allow"; end
	if deed == "reject" then return reject(event, sentence_of(report), rewrite); end
	if report.action ~= "allow" then
		-- The service remembers only what it let pass itself.
		local said = deed == "rewrite" and rewrite or text;
		ask("/v1/turns", { conversation = key, turns = { { role = "agent", text = said, sender = from } } }, function () end);
	end
	if deed == "rewrite" then replace(stanza, rewrite); end
end

module:hook("pre-message/bare", on_message, 100);
module:hook("pre-message/full", on_message, 100);
