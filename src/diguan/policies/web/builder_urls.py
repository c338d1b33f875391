"""Addresses of drafts; they stand before those of policies, whose id is any word."""

from django.urls import path, re_path

from diguan.policies.web import builder, builder_compare, builder_parts

urlpatterns = [
    path("drafts/", builder.listing, name="drafts"),
    path("drafts/new/", builder.new, name="builder_new"),
    path("drafts/import/", builder.bring, name="builder_import"),
    path("drafts/copy/", builder.copy, name="builder_copy"),
    path("drafts/<int:number>/", builder.builder, name="builder"),
    path("drafts/<int:number>/clause/", builder.clause, name="builder_clause"),
    path("drafts/<int:number>/tree/", builder.change_tree, name="builder_tree"),
    path("drafts/<int:number>/source/", builder_parts.source, name="builder_source"),
    path("drafts/<int:number>/terms/", builder_parts.terms, name="builder_terms"),
    path("drafts/<int:number>/examples/", builder_parts.examples, name="builder_examples"),
    path("drafts/<int:number>/examples/<int:at>/", builder_parts.example, name="builder_example"),
    path("drafts/<int:number>/text/", builder_parts.text, name="builder_text"),
    path("drafts/<int:number>/download/", builder_parts.download, name="builder_download"),
    path("drafts/<int:number>/versions/", builder_parts.versions, name="builder_versions"),
    path("drafts/<int:number>/publish/", builder_parts.publishing, name="builder_publish"),
    path("drafts/<int:number>/publish/now/", builder_parts.publish, name="builder_publish_now"),
    path("drafts/<int:number>/compare/", builder_compare.compare, name="builder_compare"),
    re_path(r"^drafts/(?P<number>\d{1,9})/compare/(?P<old>draft|inforce|\d{1,6})/(?P<new>draft|inforce|\d{1,6})/(?P<kind>gained|lost|more|less|asked|cleared|open)/$", builder_compare.moved, name="builder_moved"),
    re_path(r"^drafts/(?P<number>\d{1,9})/people/(?P<group>entitled|near|unknown|out-[1-9][0-9]?)/$", builder_compare.people, name="builder_people"),
]
