using Microsoft.Extensions.AI;

namespace Apprentice.Llm.Tests;

public sealed class ChatRequestTests
{
    private static readonly ChatRequest s_request = new()
    {
        CustomId = "a",
        Model = "m",
        Messages = [PromptMessage.User("x")],
        Temperature = 0.7f,
    };

    [Fact]
    public void Hash_KnownRequest_NeverChanges() =>
        // Stored answers are found by this value: if it changes, every user pays again.
        Assert.Equal("84f6dc98dbbcfc33dfcbb45d08d457b96ed95f0afc8a4fb67bccb6f2987c346c", s_request.Hash);

    [Fact]
    public void Hash_AnythingThatDecidesTheAnswer_ChangesIt()
    {
        ChatRequest[] others =
        [
            s_request,
            s_request with { Provider = "p" },
            s_request with { Model = "n" },
            s_request with { Messages = [PromptMessage.System("x")] },
            s_request with { Messages = [PromptMessage.User("x "),] },
            s_request with { Messages = [PromptMessage.User("x"), PromptMessage.User("")] },
            s_request with { Temperature = null },
            s_request with { Temperature = 0.8f },
            s_request with { TopP = 0.9f },
            s_request with { MaxTokens = 9 },
            s_request with { Stop = ["x"] },
            s_request with { Seed = 1 },
        ];
        Assert.Equal(others.Length, others.Select(request => request.Hash).Distinct().Count());
        Assert.Equal(s_request.Hash, (s_request with { CustomId = "b" }).Hash);
        Assert.Equal(s_request.ContentHash, (s_request with { Provider = "p" }).ContentHash);
    }

    [Fact]
    public void FromChat_OfToChat_IsTheSameRequest()
    {
        ChatRequest request = s_request with { TopP = 0.95f, MaxTokens = 100, Stop = ["END"], Seed = 5, Messages = [PromptMessage.System("s"), PromptMessage.User("u"), PromptMessage.Assistant("a")] };
        ChatRequest back = ChatRequest.FromChat(request.ToChatMessages(), request.ToChatOptions(), "other");
        Assert.Equal(request.Hash, back.Hash);
        Assert.Equal("a", back.CustomId);
    }

    [Fact]
    public void FromChat_Picture_IsRefused() =>
        Assert.Throws<NotSupportedException>(() => ChatRequest.FromChat([new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], null, "m"));
}
