using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Apprentice.Llm;

/// <summary>One line of an answers file: an answer, or why there is none.</summary>
/// <param name="Line">1-based line of the file.</param>
/// <param name="CustomId">Id of the request, or null when the line does not tell.</param>
/// <param name="Answer">The answer, or null. Its <see cref="ChatAnswer.RequestHash"/> is empty until it is matched with a request.</param>
/// <param name="Problem">Why there is no answer, or null.</param>
public sealed record BatchLine(int Line, string? CustomId, ChatAnswer? Answer, string? Problem);

/// <summary>What an answers file holds for one request.</summary>
/// <param name="Request">The request.</param>
/// <param name="Answer">The answer, or null.</param>
/// <param name="Problem">Why there is no answer, or null.</param>
public sealed record BatchAnswer(ChatRequest Request, ChatAnswer? Answer, string? Problem);

/// <summary>An answers file matched with its requests.</summary>
/// <param name="Answers">One entry for each request, in the order of the requests.</param>
/// <param name="Duplicates">Lines that answered a request which had an answer already; the first answer counts.</param>
/// <param name="Unmatched">Lines that belong to no request, or cannot be read, with the reason.</param>
public sealed record BatchResult(IReadOnlyList<BatchAnswer> Answers, int Duplicates, IReadOnlyList<BatchLine> Unmatched)
{
    /// <summary>Requests without an answer.</summary>
    public IEnumerable<BatchAnswer> Missing => Answers.Where(answer => answer.Answer is null);
}

/// <summary>Requests and answers as OpenAI batch files: JSON Lines, plain or <c>.gz</c>.</summary>
/// <remarks>
/// Requests: <c>{"custom_id","method":"POST","url":"/v1/chat/completions","body":{…}}</c>. Answers:
/// <c>{"id","custom_id","response":{"status_code":200,"body":{…}},"error":null}</c>, in any order. Both are in docs/formats.md.
/// A bad line of an answers file is a result with a reason, not an exception.
/// </remarks>
public static class BatchFile
{
    private const string Url = "/v1/chat/completions";

    /// <summary>Writes requests to hand to a batch endpoint; the file appears under its name only when it is complete.</summary>
    /// <param name="path">The file; the ending <c>.gz</c> packs it.</param>
    /// <param name="requests">The requests; their <see cref="ChatRequest.CustomId"/> must differ.</param>
    /// <param name="cancellationToken">Stops between two requests; the file is then left as it was.</param>
    /// <returns>How many requests were written.</returns>
    /// <exception cref="ArgumentException">Two requests share an id, or one has none.</exception>
    /// <exception cref="LlmException">The file cannot be written.</exception>
    public static Task<int> WriteRequestsAsync(string path, IEnumerable<ChatRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(requests);
        return TextFile.WriteLinesAsync(path, Lines(), cancellationToken);

        IEnumerable<byte[]> Lines()
        {
            HashSet<string> ids = [];
            foreach (ChatRequest request in requests)
            {
                if (request.CustomId.Length == 0 || !ids.Add(request.CustomId))
                {
                    throw new ArgumentException($"Request {ids.Count + 1} has the custom id '{request.CustomId}'; a batch file needs one that is not empty and not used before.", nameof(requests));
                }

                yield return Line(writer =>
                {
                    writer.WriteString("custom_id", request.CustomId);
                    writer.WriteString("method", "POST");
                    writer.WriteString("url", Url);
                    writer.WritePropertyName("body");
                    RequestBody.Write(writer, request);
                });
            }
        }
    }

    /// <summary>Reads a requests file back.</summary>
    /// <param name="path">The file.</param>
    /// <param name="provider">Who answers, for <see cref="ChatRequest.Provider"/>; a requests file does not tell.</param>
    /// <param name="cancellationToken">Stops between two lines.</param>
    /// <returns>The requests in file order.</returns>
    /// <exception cref="LlmException">The file cannot be read, or a line is no chat request; the message names the line.</exception>
    public static async IAsyncEnumerable<ChatRequest> ReadRequestsAsync(
        string path, string provider = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        await foreach ((int line, string text) in TextFile.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false))
        {
            yield return ReadRequest(path, line, text) with { Provider = provider };
        }
    }

    /// <summary>Writes answers in the form a batch endpoint gives them, for recordings; the file appears only when it is complete.</summary>
    /// <param name="path">The file; the ending <c>.gz</c> packs it.</param>
    /// <param name="answers">Requests with their answers; entries without an answer are written as errors.</param>
    /// <param name="cancellationToken">Stops between two answers; the file is then left as it was.</param>
    /// <returns>How many lines were written.</returns>
    /// <exception cref="LlmException">The file cannot be written.</exception>
    public static Task<int> WriteAnswersAsync(string path, IEnumerable<BatchAnswer> answers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(answers);
        return TextFile.WriteLinesAsync(path, answers.Select(answer => Line(writer => WriteAnswer(writer, answer))), cancellationToken);
    }

    /// <summary>Streams the lines of an answers file. Order, repeated ids, errors and cut lines are the caller's to judge; see <see cref="MatchAsync"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops between two lines.</param>
    /// <returns>One result a line.</returns>
    /// <exception cref="LlmException">The file as a whole cannot be read.</exception>
    public static async IAsyncEnumerable<BatchLine> ReadAnswersAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        await foreach ((int line, string text) in TextFile.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false))
        {
            yield return ReadAnswer(line, text);
        }
    }

    /// <summary>Brings answers into the order of their requests: the first good answer to each id counts.</summary>
    /// <param name="requests">What was asked.</param>
    /// <param name="answersPath">The answers file.</param>
    /// <param name="cancellationToken">Stops between two lines.</param>
    /// <exception cref="ArgumentException">Two requests share an id.</exception>
    /// <exception cref="LlmException">The file as a whole cannot be read.</exception>
    public static async Task<BatchResult> MatchAsync(IReadOnlyList<ChatRequest> requests, string answersPath, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        Dictionary<string, int> places = [];
        for (int i = 0; i < requests.Count; i++)
        {
            if (!places.TryAdd(requests[i].CustomId, i))
            {
                throw new ArgumentException($"Two requests have the custom id '{requests[i].CustomId}'; answers could not be told apart.", nameof(requests));
            }
        }

        BatchAnswer[] answers = [.. requests.Select(request => new BatchAnswer(request, null, $"The answers file holds no line for '{request.CustomId}'."))];
        List<BatchLine> unmatched = [];
        int duplicates = 0;
        await foreach (BatchLine line in ReadAnswersAsync(answersPath, cancellationToken).ConfigureAwait(false))
        {
            if (line.CustomId is null || !places.TryGetValue(line.CustomId, out int place))
            {
                unmatched.Add(line.Problem is null ? line with { Problem = $"No request has the custom id '{line.CustomId}'." } : line);
            }
            else if (answers[place].Answer is not null)
            {
                duplicates++;
            }
            else
            {
                ChatRequest request = requests[place];
                answers[place] = new BatchAnswer(request, line.Answer is null ? null : line.Answer with { RequestHash = request.Hash }, line.Problem);
            }
        }

        return new BatchResult(answers, duplicates, unmatched);
    }

    /// <summary>Puts the answers of a batch into a store, so that asking the same requests asks nothing.</summary>
    /// <param name="requests">What was asked.</param>
    /// <param name="answersPath">The answers file.</param>
    /// <param name="store">Where the answers go.</param>
    /// <param name="cancellationToken">Stops between two lines.</param>
    /// <returns>The answers in request order, with what is missing.</returns>
    /// <exception cref="LlmException">The file as a whole cannot be read.</exception>
    public static async Task<BatchResult> ImportAsync(
        IReadOnlyList<ChatRequest> requests, string answersPath, AnswerStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        BatchResult result = await MatchAsync(requests, answersPath, cancellationToken).ConfigureAwait(false);
        foreach (BatchAnswer answer in result.Answers)
        {
            if (answer.Answer is not null)
            {
                store.Add(answer.Request, answer.Answer);
            }
        }

        return result;
    }

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new(4096);
        using (Utf8JsonWriter writer = new(bytes, RequestBody.Json))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteAnswer(Utf8JsonWriter writer, BatchAnswer entry)
    {
        writer.WriteString("id", $"batch_req_{entry.Request.Hash[..24]}");
        writer.WriteString("custom_id", entry.Request.CustomId);
        if (entry.Answer is not { } answer)
        {
            writer.WriteNull("response");
            writer.WriteStartObject("error");
            writer.WriteString("code", "no_answer");
            writer.WriteString("message", entry.Problem ?? "no answer");
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartObject("response");
        writer.WriteNumber("status_code", 200);
        writer.WriteStartObject("body");
        writer.WriteString("object", "chat.completion");
        writer.WriteString("model", answer.Model);
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", answer.Text);
        writer.WriteEndObject();
        writer.WriteString("finish_reason", answer.FinishReason);
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (answer.InputTokens is not null || answer.OutputTokens is not null)
        {
            writer.WriteStartObject("usage");
            writer.WriteNumber("prompt_tokens", answer.InputTokens ?? 0);
            writer.WriteNumber("completion_tokens", answer.OutputTokens ?? 0);
            writer.WriteNumber("total_tokens", (answer.InputTokens ?? 0) + (answer.OutputTokens ?? 0));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteNull("error");
    }

    private static ChatRequest ReadRequest(string path, int line, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return RequestBody.Read(RequestBody.Text(document.RootElement, "custom_id"), RequestBody.Property(document.RootElement, "body", JsonValueKind.Object));
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            throw new LlmException(LlmProblem.Configuration, $"{path}, line {line}: expected a batch request with custom_id and body: {exception.Message}.", exception);
        }
    }

    private static BatchLine ReadAnswer(int line, string text)
    {
        string? id = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            id = RequestBody.Text(root, "custom_id");
            if (RequestBody.Optional(root, "error") is { } error)
            {
                return new BatchLine(line, id, null, $"The provider reports an error: {Excerpt.Of(error.GetRawText())}");
            }

            JsonElement response = RequestBody.Property(root, "response", JsonValueKind.Object);
            int status = RequestBody.Optional(response, "status_code") is { ValueKind: JsonValueKind.Number } code ? code.GetInt32() : 200;
            JsonElement body = RequestBody.Property(response, "body", JsonValueKind.Object);
            return status is < 200 or > 299
                ? new BatchLine(line, id, null, $"The provider answered with status {status}: {Excerpt.Of(body.GetRawText())}")
                : new BatchLine(line, id, ChatAnswer.FromBody("", body, body.GetRawText()), null);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return new BatchLine(line, id, null, $"Line {line} is no complete answer: {exception.Message}");
        }
    }
}

/// <summary>A short piece of foreign text for an error message.</summary>
internal static class Excerpt
{
    private const int Longest = 300;

    public static string Of(string text, string? secret = null)
    {
        // A provider may echo the key it was given; it must not reach a log through us.
        string safe = secret is { Length: > 0 } ? text.Replace(secret, "***", StringComparison.Ordinal) : text;
        safe = string.Join(' ', safe.Split(['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        return safe.Length <= Longest ? safe : safe[..Longest] + "…";
    }
}
