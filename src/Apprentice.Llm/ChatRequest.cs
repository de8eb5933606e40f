using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Apprentice.Llm;

/// <summary>One message of a request.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Text">The message's text.</param>
public sealed record PromptMessage(string Role, string Text)
{
    /// <summary>A message that sets the scene.</summary>
    /// <param name="text">The message's text.</param>
    public static PromptMessage System(string text) => new("system", text);

    /// <summary>A message of the asking side.</summary>
    /// <param name="text">The message's text.</param>
    public static PromptMessage User(string text) => new("user", text);

    /// <summary>A message as if the model had written it.</summary>
    /// <param name="text">The message's text.</param>
    public static PromptMessage Assistant(string text) => new("assistant", text);
}

/// <summary>Everything that decides an answer: provider, model, messages and sampling settings.</summary>
/// <remarks>Immutable. A setting that is null is not sent, so that the provider's default holds.</remarks>
public sealed record ChatRequest
{
    /// <summary>Name of the request within its run or batch file; not part of <see cref="Hash"/>.</summary>
    public required string CustomId { get; init; }

    /// <summary>Who answers, for example <c>openai</c> or <c>vllm</c>. Default empty. Part of <see cref="Hash"/>, never sent.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Name of the model as the provider knows it.</summary>
    public required string Model { get; init; }

    /// <summary>The conversation, oldest message first.</summary>
    public required IReadOnlyList<PromptMessage> Messages { get; init; }

    /// <summary>Sampling temperature, or null for the provider's default.</summary>
    public float? Temperature { get; init; }

    /// <summary>Nucleus sampling mass, or null for the provider's default.</summary>
    public float? TopP { get; init; }

    /// <summary>Most tokens of the answer, or null for the provider's default.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts that end the answer. Default none.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Sampling seed, or null. Give each draw of one prompt its own seed: equal requests share one stored answer.</summary>
    public long? Seed { get; init; }

    /// <summary>SHA-256 of provider, model, messages and sampling settings: 64 lower-case hexadecimal digits.</summary>
    /// <remarks>The key of <see cref="AnswerStore"/>. It is computed at each call and stable over versions of this program.</remarks>
    public string Hash
    {
        get
        {
            ArrayBufferWriter<byte> bytes = new(4096);
            bytes.Write("apprentice-request-1\n"u8);
            using (Utf8JsonWriter writer = new(bytes, RequestBody.Json))
            {
                writer.WriteStartArray();
                writer.WriteStringValue(Provider);
                RequestBody.Write(writer, this);
                writer.WriteEndArray();
            }

            return Convert.ToHexStringLower(SHA256.HashData(bytes.WrittenSpan));
        }
    }

    /// <summary>Whether two requests would be the same on the wire, whoever answers: <see cref="Hash"/> without the provider.</summary>
    public string ContentHash => Provider.Length == 0 ? Hash : (this with { Provider = "" }).Hash;

    /// <summary>The conversation in the types of <see cref="IChatClient"/>.</summary>
    public IList<ChatMessage> ToChatMessages() =>
        [.. Messages.Select(message => new ChatMessage(new ChatRole(message.Role), message.Text))];

    /// <summary>Model and sampling settings in the types of <see cref="IChatClient"/>; <see cref="CustomId"/> goes along as an additional property.</summary>
    public ChatOptions ToChatOptions() => new()
    {
        ModelId = Model,
        Temperature = Temperature,
        TopP = TopP,
        MaxOutputTokens = MaxTokens,
        StopSequences = Stop.Count == 0 ? null : [.. Stop],
        Seed = Seed,
        AdditionalProperties = new AdditionalPropertiesDictionary { [CustomIdKey] = CustomId },
    };

    /// <summary>The request behind a call of <see cref="IChatClient"/>.</summary>
    /// <param name="messages">The conversation; only its text is taken.</param>
    /// <param name="options">Model and sampling settings, or null.</param>
    /// <param name="defaultModel">Model where the options name none.</param>
    /// <param name="provider">Who answers.</param>
    /// <exception cref="NotSupportedException">A message holds something other than text, or the options ask for tools.</exception>
    public static ChatRequest FromChat(IEnumerable<ChatMessage> messages, ChatOptions? options, string defaultModel, string provider = "")
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<PromptMessage> turns = [];
        if (options?.Instructions is { Length: > 0 } instructions)
        {
            turns.Add(PromptMessage.System(instructions));
        }

        foreach (ChatMessage message in messages)
        {
            if (message.Contents.FirstOrDefault(content => content is not TextContent) is { } other)
            {
                throw new NotSupportedException($"A message of role '{message.Role.Value}' holds {other.GetType().Name}; only text can be sent.");
            }

            turns.Add(new PromptMessage(message.Role.Value, message.Text));
        }

        if (options?.Tools is { Count: > 0 })
        {
            throw new NotSupportedException("The options offer tools to the model; only plain text requests can be sent.");
        }

        return new ChatRequest
        {
            CustomId = options?.AdditionalProperties?.TryGetValue(CustomIdKey, out string? id) == true ? id! : "",
            Provider = provider,
            Model = options?.ModelId ?? defaultModel,
            Messages = turns,
            Temperature = options?.Temperature,
            TopP = options?.TopP,
            MaxTokens = options?.MaxOutputTokens,
            Stop = options?.StopSequences is { } stop ? [.. stop] : [],
            Seed = options?.Seed,
        };
    }

    private const string CustomIdKey = "custom_id";
}

/// <summary>The body of a chat completion request, the same over HTTP, in batch files and under the hash.</summary>
internal static class RequestBody
{
    public static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the body. Names, order and number format are fixed, because the request hash is taken over these bytes.</summary>
    public static void Write(Utf8JsonWriter writer, ChatRequest request, bool stream = false)
    {
        writer.WriteStartObject();
        writer.WriteString("model", request.Model);
        writer.WriteStartArray("messages");
        foreach (PromptMessage message in request.Messages)
        {
            writer.WriteStartObject();
            writer.WriteString("role", message.Role);
            writer.WriteString("content", message.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (request.Temperature is { } temperature)
        {
            writer.WriteNumber("temperature", temperature);
        }

        if (request.TopP is { } topP)
        {
            writer.WriteNumber("top_p", topP);
        }

        if (request.MaxTokens is { } maxTokens)
        {
            writer.WriteNumber("max_tokens", maxTokens);
        }

        if (request.Stop.Count > 0)
        {
            writer.WriteStartArray("stop");
            foreach (string stop in request.Stop)
            {
                writer.WriteStringValue(stop);
            }

            writer.WriteEndArray();
        }

        if (request.Seed is { } seed)
        {
            writer.WriteNumber("seed", seed);
        }

        if (stream)
        {
            writer.WriteBoolean("stream", true);
            writer.WriteStartObject("stream_options");
            writer.WriteBoolean("include_usage", true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    public static byte[] ToBytes(ChatRequest request, bool stream = false)
    {
        ArrayBufferWriter<byte> bytes = new(4096);
        using (Utf8JsonWriter writer = new(bytes, Json))
        {
            Write(writer, request, stream);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads a body back.</summary>
    /// <exception cref="FormatException">A key is missing or has another type; the message names it.</exception>
    public static ChatRequest Read(string customId, JsonElement body)
    {
        List<PromptMessage> messages = [];
        foreach (JsonElement message in Property(body, "messages", JsonValueKind.Array).EnumerateArray())
        {
            messages.Add(new PromptMessage(Text(message, "role"), Content(message)));
        }

        return new ChatRequest
        {
            CustomId = customId,
            Model = Text(body, "model"),
            Messages = messages,
            Temperature = Optional(body, "temperature") is { } temperature ? Number(temperature, "temperature").GetSingle() : null,
            TopP = Optional(body, "top_p") is { } topP ? Number(topP, "top_p").GetSingle() : null,
            MaxTokens = (Optional(body, "max_tokens") ?? Optional(body, "max_completion_tokens")) is { } tokens ? Number(tokens, "max_tokens").GetInt32() : null,
            Stop = Stops(Optional(body, "stop")),
            Seed = Optional(body, "seed") is { } seed ? Number(seed, "seed").GetInt64() : null,
        };
    }

    /// <summary>The text of a message: a string, or the text parts of a list of parts.</summary>
    public static string Content(JsonElement message)
    {
        JsonElement? content = Optional(message, "content");
        return content switch
        {
            null => "",
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Array } parts => string.Concat(parts.EnumerateArray()
                .Where(part => Optional(part, "type")?.ValueEquals("text") == true)
                .Select(part => Text(part, "text"))),
            _ => throw new FormatException("'content' is neither a text nor a list of parts"),
        };
    }

    public static string Text(JsonElement element, string key) => Property(element, key, JsonValueKind.String).GetString()!;

    public static JsonElement Property(JsonElement element, string key, JsonValueKind kind) =>
        Optional(element, key) is { } value && value.ValueKind == kind
            ? value
            : throw new FormatException($"'{key}' is missing or no {kind.ToString().ToLowerInvariant()}");

    public static JsonElement? Optional(JsonElement element, string key) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static JsonElement Number(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.Number ? value : throw new FormatException($"'{key}' is no number");

    private static IReadOnlyList<string> Stops(JsonElement? stop) => stop switch
    {
        null => [],
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } many => [.. many.EnumerateArray().Select(item => item.GetString() ?? "")],
        _ => throw new FormatException("'stop' is neither a text nor a list"),
    };
}
