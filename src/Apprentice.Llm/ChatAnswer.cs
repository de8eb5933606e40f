using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Apprentice.Llm;

/// <summary>What a language model answered to one request, before anything parses the text.</summary>
public sealed record ChatAnswer
{
    /// <summary><see cref="ChatRequest.Hash"/> of the request; empty while the request is not known (an answers file read alone).</summary>
    public required string RequestHash { get; init; }

    /// <summary>The answer's text; may be empty.</summary>
    public required string Text { get; init; }

    /// <summary>Name of the model as the provider gave it in the answer.</summary>
    public required string Model { get; init; }

    /// <summary>Tokens of the prompt as the provider counted them, or null when it did not say.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens of the answer as the provider counted them, or null when it did not say.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>Why the answer ended: <c>stop</c>, <c>length</c>, <c>content_filter</c> …, or null when not said.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The body as received, or null when the client does not hand it on.</summary>
    public string? Raw { get; init; }

    /// <summary>The answer in the types of <see cref="IChatClient"/>.</summary>
    public ChatResponse ToChatResponse() => new(new ChatMessage(ChatRole.Assistant, Text))
    {
        ModelId = Model,
        FinishReason = FinishReason is null ? null : new ChatFinishReason(FinishReason),
        Usage = InputTokens is null && OutputTokens is null
            ? null
            : new UsageDetails { InputTokenCount = InputTokens, OutputTokenCount = OutputTokens, TotalTokenCount = InputTokens + OutputTokens },
        RawRepresentation = Raw,
    };

    /// <summary>The answer behind a response of <see cref="IChatClient"/>.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="response">What came back.</param>
    public static ChatAnswer FromChat(ChatRequest request, ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(response);
        return new ChatAnswer
        {
            RequestHash = request.Hash,
            Text = response.Text,
            Model = response.ModelId ?? request.Model,
            InputTokens = response.Usage?.InputTokenCount,
            OutputTokens = response.Usage?.OutputTokenCount,
            FinishReason = response.FinishReason?.Value,
            Raw = response.RawRepresentation as string,
        };
    }

    /// <summary>Reads the body of a chat completion.</summary>
    /// <exception cref="FormatException">The body has no choice with a message; the message says what it has.</exception>
    internal static ChatAnswer FromBody(string requestHash, JsonElement body, string? raw)
    {
        JsonElement choices = RequestBody.Property(body, "choices", JsonValueKind.Array);
        if (choices.GetArrayLength() == 0)
        {
            throw new FormatException("'choices' is an empty list");
        }

        JsonElement choice = choices[0];
        JsonElement message = RequestBody.Property(choice, "message", JsonValueKind.Object);
        JsonElement? usage = RequestBody.Optional(body, "usage");
        return new ChatAnswer
        {
            RequestHash = requestHash,
            Text = RequestBody.Content(message),
            Model = RequestBody.Optional(body, "model") is { ValueKind: JsonValueKind.String } model ? model.GetString()! : "",
            InputTokens = Count(usage, "prompt_tokens"),
            OutputTokens = Count(usage, "completion_tokens"),
            FinishReason = RequestBody.Optional(choice, "finish_reason") is { ValueKind: JsonValueKind.String } reason ? reason.GetString() : null,
            Raw = raw,
        };
    }

    private static long? Count(JsonElement? usage, string key) =>
        usage is { } counts && RequestBody.Optional(counts, key) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long count) ? count : null;
}
